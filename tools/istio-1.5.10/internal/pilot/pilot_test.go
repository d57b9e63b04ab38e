package pilot

import (
	"context"
	"io"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	xds "github.com/envoyproxy/go-control-plane/envoy/api/v2"
	core "github.com/envoyproxy/go-control-plane/envoy/api/v2/core"
	listener "github.com/envoyproxy/go-control-plane/envoy/api/v2/listener"
	http "github.com/envoyproxy/go-control-plane/envoy/config/filter/network/http_connection_manager/v2"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v2"
	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes"
	"google.golang.org/grpc"
)

// fakePilot hands the requests that it gets to the test, and sends what the test wants.
type fakePilot struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	t        *testing.T
	requests chan *xds.DiscoveryRequest
	pushes   chan *xds.DiscoveryResponse
}

func (f *fakePilot) StreamAggregatedResources(stream discovery.AggregatedDiscoveryService_StreamAggregatedResourcesServer) error {
	go func() {
		for {
			request, err := stream.Recv()
			if err != nil {
				return
			}
			f.requests <- request
		}
	}()
	for push := range f.pushes {
		if err := stream.Send(push); err != nil {
			return err
		}
	}
	return io.EOF
}

func (f *fakePilot) serve() (address string) {
	f.t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, f)
	go func() { _ = server.Serve(socket) }()
	f.t.Cleanup(server.Stop)
	return socket.Addr().String()
}

func (f *fakePilot) push(kind, nonce string, resources ...proto.Message) {
	f.t.Helper()
	response := &xds.DiscoveryResponse{TypeUrl: kind, VersionInfo: "version-" + nonce, Nonce: nonce}
	for _, each := range resources {
		packed, err := ptypes.MarshalAny(each)
		if err != nil {
			f.t.Fatal(err)
		}
		response.Resources = append(response.Resources, packed)
	}
	f.pushes <- response
}

func (f *fakePilot) expect(kind, nonce string, names ...string) {
	f.t.Helper()
	select {
	case got := <-f.requests:
		if got.TypeUrl != kind || got.ResponseNonce != nonce || !slices.Equal(got.ResourceNames, names) || got.Node.GetId() != "me" {
			f.t.Errorf("got %v, want %s with nonce %q for %v", got, kind, nonce, names)
		}
		if nonce != "" && got.VersionInfo != "version-"+nonce {
			f.t.Errorf("acknowledges version %q, want that of %q", got.VersionInfo, nonce)
		}
	case <-time.After(10 * time.Second):
		f.t.Fatalf("no request, want %s with nonce %q for %v", kind, nonce, names)
	}
}

func cluster(name string, discovery xds.Cluster_DiscoveryType) *xds.Cluster {
	return &xds.Cluster{Name: name, ClusterDiscoveryType: &xds.Cluster_Type{Type: discovery}}
}

func listenerOf(t *testing.T, route string) *xds.Listener {
	manager, err := ptypes.MarshalAny(&http.HttpConnectionManager{
		RouteSpecifier: &http.HttpConnectionManager_Rds{Rds: &http.Rds{RouteConfigName: route}},
	})
	if err != nil {
		t.Fatal(err)
	}
	filter := &listener.Filter{Name: "manager", ConfigType: &listener.Filter_TypedConfig{TypedConfig: manager}}
	return &xds.Listener{Name: "on-" + route, FilterChains: []*listener.FilterChain{{Filters: []*listener.Filter{filter}}}}
}

func TestEachPushIsAcknowledgedAndWhatItNamesIsAskedFor(t *testing.T) {
	fake := &fakePilot{t: t, requests: make(chan *xds.DiscoveryRequest, 9), pushes: make(chan *xds.DiscoveryResponse)}
	ended, complete := make(chan error), []bool{}
	var last *Told
	go func() {
		ended <- Follow(context.Background(), fake.serve(), &core.Node{Id: "me"}, func(told *Told) bool {
			last, complete = told, append(complete, told.Complete())
			return len(told.Endpoints) == 2 && told.Complete()
		})
	}()
	fake.expect(clusters, "")
	fake.expect(listeners, "")
	fake.push(clusters, "1", cluster("b", xds.Cluster_EDS), cluster("static", xds.Cluster_STATIC))
	fake.expect(clusters, "1")
	fake.expect(endpoints, "", "b")
	fake.push(endpoints, "2", &xds.ClusterLoadAssignment{ClusterName: "b"})
	fake.expect(endpoints, "2", "b")
	fake.push(listeners, "3", listenerOf(t, "80"), listenerOf(t, "443"), listenerOf(t, "80"))
	fake.expect(listeners, "3")
	fake.expect(routes, "", "443", "80")
	fake.push(routes, "4", &xds.RouteConfiguration{Name: "80"})
	fake.expect(routes, "4", "443", "80")

	fake.push(listeners, "5", listenerOf(t, "443"), listenerOf(t, "80")) // names nothing new
	fake.expect(listeners, "5")
	fake.push(clusters, "6", cluster("a", xds.Cluster_EDS), cluster("b", xds.Cluster_EDS))
	fake.expect(clusters, "6")
	fake.expect(endpoints, "2", "a", "b")
	fake.push(endpoints, "7", &xds.ClusterLoadAssignment{ClusterName: "a"}) // b has not changed
	fake.expect(endpoints, "7", "a", "b")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slices.Sorted(maps.Keys(last.Endpoints)), []string{"a", "b"}) {
		t.Errorf("endpoints at the end: %v", last.Endpoints)
	}
	if want := []bool{false, false, false, true, true, true, true}; !slices.Equal(complete, want) {
		t.Errorf("complete after each push: %v, want %v", complete, want)
	}
	close(fake.pushes)
}

func TestTheEndOfTheStreamIsAnError(t *testing.T) {
	fake := &fakePilot{t: t, requests: make(chan *xds.DiscoveryRequest, 9), pushes: make(chan *xds.DiscoveryResponse)}
	close(fake.pushes)
	if err := Follow(context.Background(), fake.serve(), &core.Node{Id: "me"}, func(*Told) bool { return false }); err == nil {
		t.Error("no error")
	}
}
