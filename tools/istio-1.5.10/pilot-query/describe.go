package main

import (
	"fmt"
	"strconv"
	"strings"

	xds "github.com/envoyproxy/go-control-plane/envoy/api/v2"
	auth "github.com/envoyproxy/go-control-plane/envoy/api/v2/auth"
	core "github.com/envoyproxy/go-control-plane/envoy/api/v2/core"
	envoylistener "github.com/envoyproxy/go-control-plane/envoy/api/v2/listener"
	envoyroute "github.com/envoyproxy/go-control-plane/envoy/api/v2/route"
	http "github.com/envoyproxy/go-control-plane/envoy/config/filter/network/http_connection_manager/v2"
	tcp "github.com/envoyproxy/go-control-plane/envoy/config/filter/network/tcp_proxy/v2"
	"github.com/golang/protobuf/jsonpb"
	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes"
	"github.com/golang/protobuf/ptypes/duration"
)

func describeCluster(from *xds.Cluster) (*cluster, error) {
	to := &cluster{Name: from.Name, Discovery: from.GetType().String(), TLS: "plaintext"}
	if parts := strings.Split(from.Name, "|"); len(parts) == 4 {
		to.Direction, to.Subset, to.Host = parts[0], parts[2], parts[3]
		to.Port, _ = strconv.Atoi(parts[1])
	}
	to.Endpoints = describeEndpoints(from.LoadAssignment)
	socket := from.TransportSocket
	if len(from.TransportSocketMatches) > 0 { // auto mutual TLS: this socket for the marked endpoints, else plaintext
		socket = from.TransportSocketMatches[0].TransportSocket
	}
	if socket == nil {
		return to, nil
	}
	tls := &auth.UpstreamTlsContext{}
	if err := ptypes.UnmarshalAny(socket.GetTypedConfig(), tls); err != nil {
		return nil, fmt.Errorf("cluster %s: %w", from.Name, err)
	}
	common := tls.CommonTlsContext
	to.SNI = tls.Sni
	to.SANs, to.Secrets, to.Files = credentials(common)
	switch {
	case len(from.TransportSocketMatches) > 0:
		to.TLS = "auto"
	case len(common.GetTlsCertificates())+len(common.GetTlsCertificateSdsSecretConfigs()) > 0:
		to.TLS = "mutual"
	default:
		to.TLS = "simple"
	}
	return to, nil
}

func describeEndpoints(from *xds.ClusterLoadAssignment) []endpoint {
	to := []endpoint{}
	for _, locality := range from.GetEndpoints() {
		for _, each := range locality.LbEndpoints {
			address := each.GetEndpoint().GetAddress().GetSocketAddress()
			mode := each.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"].GetFields()["tlsMode"]
			to = append(to, endpoint{address.GetAddress(), address.GetPortValue(), mode.GetStringValue() == "istio"})
		}
	}
	return to
}

// credentials lists what a TLS context trusts and proves: identities, SDS secrets, files.
func credentials(from *auth.CommonTlsContext) (sans, secrets, files []string) {
	for _, secret := range from.GetTlsCertificateSdsSecretConfigs() {
		secrets = append(secrets, secret.Name)
	}
	for _, certificate := range from.GetTlsCertificates() {
		files = append(files, certificate.GetCertificateChain().GetFilename())
	}
	for _, validation := range []*auth.CertificateValidationContext{
		from.GetValidationContext(), from.GetCombinedValidationContext().GetDefaultValidationContext(),
	} {
		sans = append(sans, validation.GetVerifySubjectAltName()...)
		if file := validation.GetTrustedCa().GetFilename(); file != "" {
			files = append(files, file)
		}
	}
	for _, secret := range []*auth.SdsSecretConfig{
		from.GetValidationContextSdsSecretConfig(), from.GetCombinedValidationContext().GetValidationContextSdsSecretConfig(),
	} {
		if secret != nil {
			secrets = append(secrets, secret.Name)
		}
	}
	return sans, secrets, files
}

func describeListener(from *xds.Listener) (*listener, error) {
	address := from.GetAddress().GetSocketAddress()
	to := &listener{Name: from.Name, Address: address.GetAddress(), Port: address.GetPortValue(), Inspects: []string{}, Chains: []filterChain{}}
	if from.TrafficDirection != core.TrafficDirection_UNSPECIFIED {
		to.Direction = strings.ToLower(from.TrafficDirection.String())
	}
	for _, filter := range from.ListenerFilters {
		to.Inspects = append(to.Inspects, filter.Name)
	}
	for _, each := range from.FilterChains {
		chain, err := describeChain(each)
		if err != nil {
			return nil, fmt.Errorf("listener %s: %w", from.Name, err)
		}
		to.Chains = append(to.Chains, chain)
	}
	return to, nil
}

func describeChain(from *envoylistener.FilterChain) (filterChain, error) {
	to := filterChain{TLS: "plaintext", Filters: []string{}}
	match := from.GetFilterChainMatch()
	to.Match.Port, to.Match.Transport = match.GetDestinationPort().GetValue(), match.GetTransportProtocol()
	to.Match.ALPN, to.Match.SNI = match.GetApplicationProtocols(), match.GetServerNames()
	for _, block := range match.GetPrefixRanges() {
		to.Match.Addresses = append(to.Match.Addresses, fmt.Sprintf("%s/%d", block.AddressPrefix, block.GetPrefixLen().GetValue()))
	}
	if socket := from.TransportSocket; socket != nil {
		tls := &auth.DownstreamTlsContext{}
		if err := ptypes.UnmarshalAny(socket.GetTypedConfig(), tls); err != nil {
			return to, err
		}
		to.TLS, to.RequireClientCertificate = "simple", tls.GetRequireClientCertificate().GetValue()
		if to.RequireClientCertificate {
			to.TLS = "mutual"
		}
		to.SANs, to.Secrets, to.Files = credentials(tls.CommonTlsContext)
		if oldest := tls.GetCommonTlsContext().GetTlsParams().GetTlsMinimumProtocolVersion(); oldest != auth.TlsParameters_TLS_AUTO {
			to.MinTLS = oldest.String()
		}
	}
	for _, filter := range from.Filters {
		to.Filters = append(to.Filters, filter.Name)
		if err := to.addFilter(filter); err != nil {
			return to, fmt.Errorf("filter %s: %w", filter.Name, err)
		}
	}
	return to, nil
}

// addFilter notes where a filter sends its traffic; most filters send it nowhere.
func (to *filterChain) addFilter(filter *envoylistener.Filter) error {
	manager, proxy, config := &http.HttpConnectionManager{}, &tcp.TcpProxy{}, filter.GetTypedConfig()
	switch {
	case ptypes.Is(config, manager):
		if err := ptypes.UnmarshalAny(config, manager); err != nil {
			return err
		}
		to.Route = manager.GetRds().GetRouteConfigName()
		if inline := manager.GetRouteConfig(); inline != nil {
			described, err := describeRoute(inline)
			to.Inline = described
			return err
		}
	case ptypes.Is(config, proxy):
		if err := ptypes.UnmarshalAny(config, proxy); err != nil {
			return err
		}
		if name := proxy.GetCluster(); name != "" {
			to.Clusters = []target{{name, 100}}
		}
		for _, each := range proxy.GetWeightedClusters().GetClusters() {
			to.Clusters = append(to.Clusters, target{each.Name, each.Weight})
		}
	}
	return nil
}

func describeRoute(from *xds.RouteConfiguration) (*route, error) {
	to := &route{Name: from.Name, Hosts: []virtualHost{}}
	for _, each := range from.VirtualHosts {
		host := virtualHost{Name: each.Name, Domains: each.Domains, Routes: []rule{}}
		if each.RequireTls != envoyroute.VirtualHost_NONE {
			host.RequireTLS = each.RequireTls.String()
		}
		for _, one := range each.Routes {
			described, err := describeRule(one)
			if err != nil {
				return nil, fmt.Errorf("route %s: %w", from.Name, err)
			}
			host.Routes = append(host.Routes, described)
		}
		to.Hosts = append(to.Hosts, host)
	}
	return to, nil
}

func describeRule(from *envoyroute.Route) (to rule, err error) {
	if to.Match, err = asJSON(from.Match); err != nil {
		return to, err
	}
	if redirect := from.GetRedirect(); redirect != nil {
		to.Redirect, err = asJSON(redirect)
		return to, err
	}
	to.DirectResponse = from.GetDirectResponse().GetStatus()
	action := from.GetRoute()
	if name := action.GetCluster(); name != "" {
		to.Clusters = []target{{name, 100}}
	}
	for _, each := range action.GetWeightedClusters().GetClusters() {
		to.Clusters = append(to.Clusters, target{each.Name, each.GetWeight().GetValue()})
	}
	to.Timeout = seconds(action.GetTimeout())
	if policy := action.GetRetryPolicy(); policy != nil {
		to.Retries = &retries{policy.RetryOn, policy.GetNumRetries().GetValue(), seconds(policy.PerTryTimeout)}
	}
	return to, nil
}

func asJSON(message proto.Message) ([]byte, error) {
	text, err := (&jsonpb.Marshaler{}).MarshalToString(message)
	return []byte(text), err
}

func seconds(from *duration.Duration) float64 {
	return float64(from.GetSeconds()) + float64(from.GetNanos())/1e9
}
