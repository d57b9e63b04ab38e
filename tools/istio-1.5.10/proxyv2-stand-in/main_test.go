package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestProbesAreTheApplications(t *testing.T) {
	health := http.StatusOK
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			w.WriteHeader(health)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer application.Close()
	port := application.URL[len("http://127.0.0.1:"):]
	serve, err := statusHandler(fmt.Sprintf(`{"/app-health/hello/readyz": {"httpGet": {"path": "/health", "port": %s}}}`, port))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string, want int) {
		t.Helper()
		recorder := httptest.NewRecorder()
		serve.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if recorder.Code != want {
			t.Errorf("%s: %d, want %d", path, recorder.Code, want)
		}
	}
	ask("/healthz/ready", http.StatusOK)
	ask("/app-health/hello/readyz", http.StatusOK)
	health = http.StatusServiceUnavailable
	ask("/app-health/hello/readyz", http.StatusServiceUnavailable)
	application.Close()
	ask("/app-health/hello/readyz", http.StatusInternalServerError)
}

func TestBrokenProbersAreSaid(t *testing.T) {
	if _, err := statusHandler("{"); err == nil {
		t.Error("no error")
	}
}
