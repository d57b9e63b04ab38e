package main

import (
	"encoding/json"
	"sort"

	"mesh/tools/istio-1.5.10/internal/pilot"
)

// document is what is printed: a proxy's clusters, listeners and routes, each sorted by name.
type document struct {
	Node      string      `json:"node"`
	Clusters  []*cluster  `json:"clusters"`
	Listeners []*listener `json:"listeners"`
	Routes    []*route    `json:"routes"`
}

// cluster is an upstream. Istio names it direction|port|subset|host; other names leave these fields empty.
type cluster struct {
	Name      string     `json:"name"`
	Direction string     `json:"direction"` // outbound, inbound or ""
	Host      string     `json:"host"`
	Port      int        `json:"port"`
	Subset    string     `json:"subset"`
	Discovery string     `json:"discovery"` // EDS, STATIC, STRICT_DNS, ORIGINAL_DST
	TLS       string     `json:"tls"`       // mutual, simple, plaintext, or auto: mutual for the endpoints that are marked so
	SNI       string     `json:"sni,omitempty"`
	SANs      []string   `json:"sans,omitempty"`    // identities that the server must prove
	Secrets   []string   `json:"secrets,omitempty"` // fetched over SDS
	Files     []string   `json:"files,omitempty"`   // certificates and roots read from files
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	Address string `json:"address"`
	Port    uint32 `json:"port"`
	Mutual  bool   `json:"mutual"` // marked as one that speaks mutual TLS, which counts where the cluster says auto
}

type listener struct {
	Name      string        `json:"name"`
	Address   string        `json:"address"`
	Port      uint32        `json:"port"`
	Direction string        `json:"direction"` // inbound, outbound or ""
	Inspects  []string      `json:"inspects"`  // listener filters, such as envoy.listener.tls_inspector
	Chains    []filterChain `json:"filter_chains"`
}

type filterChain struct {
	Match struct {
		Port      uint32   `json:"port,omitempty"`
		Addresses []string `json:"addresses,omitempty"`
		Transport string   `json:"transport,omitempty"` // tls or raw_buffer
		ALPN      []string `json:"alpn,omitempty"`
		SNI       []string `json:"sni,omitempty"`
	} `json:"match"`
	TLS                      string   `json:"tls"`     // mutual, simple or plaintext
	MinTLS                   string   `json:"min_tls"` // such as TLSv1_2; "" leaves it to the proxy
	RequireClientCertificate bool     `json:"require_client_certificate"`
	SANs                     []string `json:"sans,omitempty"`
	Secrets                  []string `json:"secrets,omitempty"`
	Files                    []string `json:"files,omitempty"`
	Filters                  []string `json:"filters"`            // network filters, by name
	Route                    string   `json:"route,omitempty"`    // of HTTP: a name in routes
	Clusters                 []target `json:"clusters,omitempty"` // of TCP
	Inline                   *route   `json:"inline_route,omitempty"`
}

type route struct {
	Name  string        `json:"name"`
	Hosts []virtualHost `json:"virtual_hosts"`
}

type virtualHost struct {
	Name       string   `json:"name"`
	Domains    []string `json:"domains"`
	RequireTLS string   `json:"require_tls,omitempty"` // ALL: plaintext requests are redirected to HTTPS
	Routes     []rule   `json:"routes"`
}

// rule is one route; match and redirect are Envoy's own JSON form of RouteMatch and RedirectAction.
type rule struct {
	Match          json.RawMessage `json:"match"`
	Clusters       []target        `json:"clusters,omitempty"`
	Redirect       json.RawMessage `json:"redirect,omitempty"`
	DirectResponse uint32          `json:"direct_response,omitempty"`
	Timeout        float64         `json:"timeout,omitempty"` // seconds; 0 is none
	Retries        *retries        `json:"retries,omitempty"`
}

type retries struct {
	On            string  `json:"on"`
	Attempts      uint32  `json:"attempts"`
	PerTryTimeout float64 `json:"per_try_timeout,omitempty"` // seconds
}

type target struct {
	Name   string `json:"name"`
	Weight uint32 `json:"weight"` // percent
}

// describe makes the document of what a Pilot told the node.
func describe(node string, told *pilot.Told) (*document, error) {
	to := &document{Node: node, Clusters: []*cluster{}, Listeners: []*listener{}, Routes: []*route{}}
	for _, each := range told.Clusters {
		described, err := describeCluster(each)
		if err != nil {
			return nil, err
		}
		if known := told.Endpoints[each.Name]; known != nil {
			described.Endpoints = describeEndpoints(known)
		}
		to.Clusters = append(to.Clusters, described)
	}
	for _, each := range told.Listeners {
		described, err := describeListener(each)
		if err != nil {
			return nil, err
		}
		to.Listeners = append(to.Listeners, described)
	}
	for _, each := range told.Routes {
		described, err := describeRoute(each)
		if err != nil {
			return nil, err
		}
		to.Routes = append(to.Routes, described)
	}
	sort.Slice(to.Clusters, func(i, j int) bool { return to.Clusters[i].Name < to.Clusters[j].Name })
	sort.Slice(to.Listeners, func(i, j int) bool { return to.Listeners[i].Name < to.Listeners[j].Name })
	sort.Slice(to.Routes, func(i, j int) bool { return to.Routes[i].Name < to.Routes[j].Name })
	return to, nil
}
