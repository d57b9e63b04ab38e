// proxyv2-stand-in stands in for the image istio/proxyv2 of Istio 1.4 and 1.5: no Envoy that speaks their xDS v2 is to be had.
// It carries no traffic. Called as `proxy …` it answers what a kubelet and Prometheus ask of a sidecar or a gateway;
// called in any other way, as istio-iptables by an init container, it ends at once and captures nothing.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

const (
	statusAddress     = ":15020"
	statisticsAddress = ":15090"
	// probersVariable holds, as JSON, the application's own probes: the injector points the kubelet at the sidecar instead.
	probersVariable = "ISTIO_KUBE_APP_PROBERS"
)

type prober struct {
	HTTPGet struct {
		Path   string `json:"path"`
		Port   int    `json:"port"`
		Scheme string `json:"scheme"`
	} `json:"httpGet"`
	TimeoutSeconds int `json:"timeoutSeconds"`
}

func main() {
	log.Println("this is a stand-in for istio/proxyv2: it captures, encrypts and routes nothing")
	if len(os.Args) < 2 || os.Args[1] != "proxy" {
		return
	}
	status, err := statusHandler(os.Getenv(probersVariable))
	if err != nil {
		log.Fatalf("%s: %v", probersVariable, err)
	}
	go func() {
		log.Fatal(http.ListenAndServe(statisticsAddress, http.HandlerFunc(ok)))
	}()
	log.Fatal(http.ListenAndServe(statusAddress, status))
}

func ok(http.ResponseWriter, *http.Request) {}

// statusHandler answers the proxy's own readiness, and asks the application where a probe is the application's.
func statusHandler(probers string) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz/ready", ok)
	known := map[string]prober{}
	if probers != "" {
		if err := json.Unmarshal([]byte(probers), &known); err != nil {
			return nil, err
		}
	}
	for path, prober := range known {
		mux.HandleFunc(path, prober.forward)
	}
	return mux, nil
}

func (p prober) forward(w http.ResponseWriter, request *http.Request) {
	scheme := "http"
	if p.HTTPGet.Scheme == "HTTPS" {
		scheme = "https"
	}
	client := http.Client{Timeout: time.Duration(max(p.TimeoutSeconds, 1)) * time.Second}
	response, err := client.Get(fmt.Sprintf("%s://localhost:%d%s", scheme, p.HTTPGet.Port, p.HTTPGet.Path))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	response.Body.Close()
	w.WriteHeader(response.StatusCode)
}
