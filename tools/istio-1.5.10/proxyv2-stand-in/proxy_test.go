package main

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v2"
	"google.golang.org/grpc"
	"istio.io/istio/pilot/pkg/model"
)

var sidecar = []string{
	"sidecar", "--domain", "ns1.svc.cluster.local", "--configPath", "/etc/istio/proxy", "--serviceCluster", "hello.ns1",
	"--discoveryAddress", "istio-pilot.istio-system:15010", "--proxyLogLevel=warning", "--controlPlaneAuthPolicy", "NONE",
}

// template is what the real image's bootstrap is made from, in Istio's own module.
func template(t *testing.T) string {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(folder)), "tools/packaging/common/envoy_bootstrap_v2.json")
}

func TestPilotUnderstandsWhoTheProxyIs(t *testing.T) {
	p, err := parse(sidecar)
	if err != nil {
		t.Fatal(err)
	}
	if p.pilot != "istio-pilot.istio-system:15010" {
		t.Errorf("Pilot is at %q", p.pilot)
	}
	node, err := p.node([]string{
		"POD_NAME=hello-1", "POD_NAMESPACE=ns1", "INSTANCE_IP=10.244.0.7", "SERVICE_ACCOUNT=hello", "SDS_ENABLED=true",
		"ISTIO_META_ISTIO_VERSION=1.5.10", "ISTIO_META_CLUSTER_ID=Kubernetes", "ISTIO_META_WORKLOAD_NAME=hello",
		`ISTIO_METAJSON_LABELS={"app":"hello","version":"v1"}`, `ISTIO_META_POD_PORTS=[{"containerPort":8080}]`,
	}, template(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := "sidecar~10.244.0.7~hello-1.ns1~ns1.svc.cluster.local"; node.Id != want || node.Cluster != "hello.ns1" {
		t.Errorf("node %q of %q, want %q", node.Id, node.Cluster, want)
	}
	metadata, err := model.ParseMetadata(node.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := model.ParseServiceNodeWithMetadata(node.Id, metadata)
	if err != nil {
		t.Fatal(err)
	}
	if seen.Type != model.SidecarProxy || seen.ID != "hello-1.ns1" || metadata.Namespace != "ns1" || metadata.InstanceName != "hello-1" {
		t.Errorf("seen as %+v", seen)
	}
	if metadata.IstioVersion != "1.5.10" || metadata.Labels["app"] != "hello" || !bool(metadata.SdsEnabled) || metadata.WorkloadName != "hello" {
		t.Errorf("metadata %+v", metadata)
	}
}

func TestWithoutARoleItIsASidecarAndWithATemplateItHasNoPilot(t *testing.T) {
	p, err := parse([]string{"--domain", "istio-system.svc.cluster.local", "--serviceCluster", "istio-pilot", "--templateFile", "/a.tmpl"})
	if err != nil {
		t.Fatal(err)
	}
	if p.role != "sidecar" || p.serviceCluster != "istio-pilot" || p.pilot != "" {
		t.Errorf("%+v", p)
	}
}

// endingPilot ends each stream at once.
type endingPilot struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	streams chan string
}

func (e *endingPilot) StreamAggregatedResources(stream discovery.AggregatedDiscoveryService_StreamAggregatedResourcesServer) error {
	request, err := stream.Recv()
	if err == nil {
		e.streams <- request.Node.GetId()
	}
	return err
}

func TestItComesBackToPilot(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake := &endingPilot{streams: make(chan string)}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, fake)
	go func() { _ = server.Serve(socket) }()
	defer server.Stop()
	p := &proxy{role: "sidecar", domain: "ns1.svc.cluster.local", pilot: socket.Addr().String()}
	node, err := p.node([]string{"POD_NAME=hello-1", "POD_NAMESPACE=ns1", "INSTANCE_IP=10.244.0.7"}, template(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() {
		p.follow(ctx, node)
		close(ended)
	}()
	for range 3 {
		if id := <-fake.streams; id != node.Id {
			t.Errorf("connected as %q, want %q", id, node.Id)
		}
	}
	cancel()
	<-ended
}
