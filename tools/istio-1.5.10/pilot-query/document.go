package main

import (
	"encoding/json"
	"sort"

	xds "github.com/envoyproxy/go-control-plane/envoy/api/v2"
	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes"
	"github.com/golang/protobuf/ptypes/any"
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
	TLS                      string   `json:"tls"` // mutual, simple or plaintext
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

func (d *document) addClusters(resources []*any.Any) error {
	return each(resources, func() proto.Message { return &xds.Cluster{} }, func(message proto.Message) error {
		found, err := describeCluster(message.(*xds.Cluster))
		d.Clusters = append(d.Clusters, found)
		sort.Slice(d.Clusters, func(i, j int) bool { return d.Clusters[i].Name < d.Clusters[j].Name })
		return err
	})
}

func (d *document) addListeners(resources []*any.Any) error {
	return each(resources, func() proto.Message { return &xds.Listener{} }, func(message proto.Message) error {
		found, err := describeListener(message.(*xds.Listener))
		d.Listeners = append(d.Listeners, found)
		sort.Slice(d.Listeners, func(i, j int) bool { return d.Listeners[i].Name < d.Listeners[j].Name })
		return err
	})
}

func (d *document) addRoutes(resources []*any.Any) error {
	return each(resources, func() proto.Message { return &xds.RouteConfiguration{} }, func(message proto.Message) error {
		found, err := describeRoute(message.(*xds.RouteConfiguration))
		d.Routes = append(d.Routes, found)
		sort.Slice(d.Routes, func(i, j int) bool { return d.Routes[i].Name < d.Routes[j].Name })
		return err
	})
}

func (d *document) addEndpoints(resources []*any.Any) error {
	byName := map[string]*cluster{}
	for _, known := range d.Clusters {
		byName[known.Name] = known
	}
	return each(resources, func() proto.Message { return &xds.ClusterLoadAssignment{} }, func(message proto.Message) error {
		assignment := message.(*xds.ClusterLoadAssignment)
		if known := byName[assignment.ClusterName]; known != nil {
			known.Endpoints = describeEndpoints(assignment)
		}
		return nil
	})
}

// endpointNames are the clusters whose endpoints Pilot tells apart from the cluster.
func (d *document) endpointNames() (names []string) {
	for _, known := range d.Clusters {
		if known.Discovery == xds.Cluster_EDS.String() {
			names = append(names, known.Name)
		}
	}
	return names
}

// routeNames are the routes that the listeners want.
func (d *document) routeNames() (names []string) {
	seen := map[string]bool{"": true}
	for _, known := range d.Listeners {
		for _, chain := range known.Chains {
			if !seen[chain.Route] {
				seen[chain.Route] = true
				names = append(names, chain.Route)
			}
		}
	}
	return names
}

func each(resources []*any.Any, empty func() proto.Message, add func(proto.Message) error) error {
	for _, resource := range resources {
		message := empty()
		if err := ptypes.UnmarshalAny(resource, message); err != nil {
			return err
		}
		if err := add(message); err != nil {
			return err
		}
	}
	return nil
}
