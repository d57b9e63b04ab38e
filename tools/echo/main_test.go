package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func answer(t *testing.T, serve http.HandlerFunc, headers map[string]string) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	serve(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Errorf("status %d", recorder.Code)
	}
	return recorder.Body.String()
}

func TestChain(t *testing.T) {
	var seen http.Header
	end := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		handler("!!!", "", "")(w, r)
	}))
	defer end.Close()
	address := strings.TrimPrefix(end.URL, "http://")
	got := answer(t, handler("world", address, ""), map[string]string{"x-b3-traceid": "abc", "x-other": "kept back"})
	if got != "world !!!\n" {
		t.Errorf("answer %q", got)
	}
	if seen.Get("x-b3-traceid") != "abc" || seen.Get("x-other") != "" {
		t.Errorf("headers passed on: %v", seen)
	}
}

func TestUnreachable(t *testing.T) {
	got := answer(t, handler("hello", "127.0.0.1:1", ""), nil)
	if got != "Couldn't connect to http://127.0.0.1:1/" {
		t.Errorf("answer %q", got)
	}
}
