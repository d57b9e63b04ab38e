// Package pilot follows what a Pilot 1.5 sends to a proxy: Envoy's xDS v2, all kinds over one stream.
package pilot

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	xds "github.com/envoyproxy/go-control-plane/envoy/api/v2"
	core "github.com/envoyproxy/go-control-plane/envoy/api/v2/core"
	http "github.com/envoyproxy/go-control-plane/envoy/config/filter/network/http_connection_manager/v2"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v2"
	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes"
	anypb "github.com/golang/protobuf/ptypes/any"
	"google.golang.org/grpc"
	"google.golang.org/grpc/grpclog"
)

const (
	clusters  = "type.googleapis.com/envoy.api.v2.Cluster"
	endpoints = "type.googleapis.com/envoy.api.v2.ClusterLoadAssignment"
	listeners = "type.googleapis.com/envoy.api.v2.Listener"
	routes    = "type.googleapis.com/envoy.api.v2.RouteConfiguration"

	longestPause = 5 * time.Second // between two attempts to connect
)

// What goes wrong is returned as one error; gRPC would tell it a second time.
func init() {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
}

// Told is what Pilot has sent so far. Endpoints and Routes are those that Clusters and Listeners name.
type Told struct {
	Clusters  []*xds.Cluster
	Listeners []*xds.Listener
	Endpoints map[string]*xds.ClusterLoadAssignment
	Routes    map[string]*xds.RouteConfiguration

	answers map[string]*xds.DiscoveryResponse // the last of each kind
	names   map[string][]string               // what is asked for by name
}

// Complete says whether Pilot has answered everything that it was asked.
func (t *Told) Complete() bool {
	for _, kind := range []string{clusters, listeners} {
		if t.answers[kind] == nil {
			return false
		}
	}
	for kind := range t.names {
		if t.answers[kind] == nil {
			return false
		}
	}
	return true
}

// Follow connects to the address (HOST:PORT, plaintext) and subscribes as the node to clusters and listeners, and to the endpoints and
// routes that these name. It acknowledges each push, then calls changed; it ends when that says true.
func Follow(ctx context.Context, address string, node *core.Node, changed func(*Told) (enough bool)) error {
	connection, err := grpc.DialContext(ctx, address,
		grpc.WithInsecure(), grpc.WithBlock(), grpc.FailOnNonTempDialError(true), grpc.WithBackoffMaxDelay(longestPause))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err != nil {
		return err
	}

	told := &Told{answers: map[string]*xds.DiscoveryResponse{}, names: map[string][]string{}}
	ask := func(kind string) error {
		last := told.answers[kind]
		return stream.Send(&xds.DiscoveryRequest{
			Node: node, TypeUrl: kind, ResourceNames: told.names[kind], VersionInfo: last.GetVersionInfo(), ResponseNonce: last.GetNonce(),
		})
	}
	for _, kind := range []string{clusters, listeners} {
		if err := ask(kind); err != nil {
			return err
		}
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := told.take(response); err != nil {
			return fmt.Errorf("%s: %w", response.TypeUrl, err)
		}
		if err := ask(response.TypeUrl); err != nil {
			return err
		}
		if named, names := told.named(response.TypeUrl); len(names) > 0 && !slices.Equal(names, told.names[named]) {
			told.names[named] = names
			if err := ask(named); err != nil {
				return err
			}
		}
		if changed(told) {
			return nil
		}
	}
}

func (t *Told) take(response *xds.DiscoveryResponse) (err error) {
	switch response.TypeUrl {
	case clusters:
		t.Clusters, err = decode[xds.Cluster](response.Resources)
	case listeners:
		t.Listeners, err = decode[xds.Listener](response.Resources)
	case endpoints:
		// A push may hold no more than what has changed.
		err = merge(&t.Endpoints, response.Resources, (*xds.ClusterLoadAssignment).GetClusterName, t.names[endpoints])
	case routes:
		err = merge(&t.Routes, response.Resources, (*xds.RouteConfiguration).GetName, t.names[routes])
	}
	t.answers[response.TypeUrl] = response
	return err
}

// named returns which kind is asked for by the names that resources of this kind hold, and these names, sorted.
func (t *Told) named(kind string) (of string, names []string) {
	switch kind {
	case clusters:
		of = endpoints
		for _, cluster := range t.Clusters {
			if cluster.GetType() == xds.Cluster_EDS {
				names = append(names, cluster.Name)
			}
		}
	case listeners:
		of = routes
		for _, listener := range t.Listeners {
			names = append(names, routeNames(listener)...)
		}
	}
	slices.Sort(names)
	return of, slices.Compact(names)
}

func routeNames(listener *xds.Listener) (names []string) {
	for _, chain := range listener.FilterChains {
		for _, filter := range chain.Filters {
			manager := &http.HttpConnectionManager{}
			if !ptypes.Is(filter.GetTypedConfig(), manager) || ptypes.UnmarshalAny(filter.GetTypedConfig(), manager) != nil {
				continue
			}
			if name := manager.GetRds().GetRouteConfigName(); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

type message[T any] interface {
	*T
	proto.Message
}

func decode[T any, M message[T]](resources []*anypb.Any) ([]M, error) {
	decoded := make([]M, len(resources))
	for i, resource := range resources {
		decoded[i] = new(T)
		if err := ptypes.UnmarshalAny(resource, decoded[i]); err != nil {
			return nil, err
		}
	}
	return decoded, nil
}

// merge adds resources to those that are known, and forgets those that are not asked for any more.
func merge[T any, M message[T]](known *map[string]M, resources []*anypb.Any, name func(M) string, asked []string) error {
	decoded, err := decode[T, M](resources)
	merged := make(map[string]M, len(asked))
	for each, resource := range *known {
		if _, found := slices.BinarySearch(asked, each); found {
			merged[each] = resource
		}
	}
	for _, resource := range decoded {
		merged[name(resource)] = resource
	}
	*known = merged
	return err
}
