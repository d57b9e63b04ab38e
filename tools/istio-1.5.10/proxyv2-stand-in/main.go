// proxyv2-stand-in stands in for the image istio/proxyv2 of Istio 1.4 and 1.5: no Envoy that speaks their xDS v2 is to be had.
// It carries no traffic. Called as `proxy …` it answers what a kubelet and Prometheus ask of a sidecar or a gateway, and is connected to
// Pilot as the proxy that it stands for. `version …` and `request …` are istioctl's: it has a version, but no Envoy to pass a request to.
// Called in any other way, as istio-iptables by an init container, it ends at once.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"istio.io/pkg/version"
)

const (
	what = "this is a stand-in for istio/proxyv2: it captures, encrypts and routes nothing"

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
	if len(os.Args) < 2 {
		return
	}
	switch command, arguments := os.Args[1], os.Args[2:]; command {
	case "proxy":
		log.Println(what)
		serve(arguments)
	case "version":
		answer := version.CobraCommand()
		answer.SetArgs(arguments)
		if answer.Execute() != nil {
			os.Exit(1)
		}
	case "request":
		fmt.Fprintln(os.Stderr, what+", and there is no Envoy to ask")
		os.Exit(1)
	default:
		log.Println(what)
	}
}

func serve(arguments []string) {
	status, err := statusHandler(os.Getenv(probersVariable))
	if err != nil {
		log.Fatalf("%s: %v", probersVariable, err)
	}
	go func() { // without Pilot the pod goes on
		if err := followPilot(arguments); err != nil {
			log.Printf("not connected to Pilot: %v", err)
		}
	}()
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
