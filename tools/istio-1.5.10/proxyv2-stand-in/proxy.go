package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/cenkalti/backoff"
	core "github.com/envoyproxy/go-control-plane/envoy/api/v2/core"
	"github.com/ghodss/yaml"
	"github.com/golang/protobuf/jsonpb"
	"github.com/spf13/pflag"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/bootstrap"
	"istio.io/istio/pkg/bootstrap/platform"
	"istio.io/istio/pkg/config/mesh"

	"mesh/tools/istio-1.5.10/internal/pilot"
)

const (
	sdsSocket = "/var/run/sds/uds_path"
	sdsToken  = "/var/run/secrets/tokens/istio-token"
)

// proxy is what the arguments after `proxy` make of it.
type proxy struct {
	role, domain, serviceCluster string
	pilot                        string // HOST:PORT, plaintext; "" for a proxy whose configuration is a file of its own
}

func parse(arguments []string) (*proxy, error) {
	defaults := mesh.DefaultProxyConfig()
	flags := pflag.NewFlagSet("proxy", pflag.ContinueOnError)
	flags.ParseErrorsWhitelist.UnknownFlags = true // most are for Envoy
	domain := flags.String("domain", "", "")
	serviceCluster := flags.String("serviceCluster", defaults.ServiceCluster, "")
	address := flags.String("discoveryAddress", defaults.DiscoveryAddress, "")
	template := flags.String("templateFile", "", "")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	parsed := &proxy{string(model.SidecarProxy), *domain, *serviceCluster, *address}
	if flags.NArg() > 0 {
		parsed.role = flags.Arg(0)
	}
	if *template != "" { // the control plane's own sidecars
		parsed.pilot = ""
	}
	return parsed, nil
}

// node is who the proxy is to Pilot. It is read from Envoy's configuration, which Istio's own code makes from the environment
// (NAME=VALUE) and its template, which lies where the real image has it unless a path is given.
func (p *proxy) node(environment []string, template string) (*core.Node, error) {
	values := map[string]string{}
	for _, each := range environment {
		name, value, _ := strings.Cut(each, "=")
		values[name] = value
	}
	config := mesh.DefaultProxyConfig()
	config.ServiceCluster, config.DiscoveryAddress, config.ProxyBootstrapTemplatePath = p.serviceCluster, p.pilot, template
	name, namespace, ip := values["POD_NAME"], values["POD_NAMESPACE"], values["INSTANCE_IP"]
	identity := model.Proxy{Type: model.NodeType(p.role), IPAddresses: []string{ip}, ID: name + "." + namespace, DNSDomain: p.domain}
	made := bootstrap.Config{
		Node: identity.ServiceNode(), Proxy: &config, PlatEnv: &platform.Unknown{}, LocalEnv: environment, NodeIPs: identity.IPAddresses,
		PodName: name, PodNamespace: namespace, PodIP: net.ParseIP(ip), DNSRefreshRate: "300s",
	}
	if values["SDS_ENABLED"] == "true" {
		made.SDSUDSPath, made.SDSTokenPath = "unix:"+sdsSocket, sdsToken
	}
	var text bytes.Buffer
	if err := bootstrap.New(made).WriteTo(&text); err != nil {
		return nil, err
	}
	var envoy struct {
		Node json.RawMessage `json:"node"`
	}
	if err := yaml.Unmarshal(text.Bytes(), &envoy); err != nil {
		return nil, fmt.Errorf("Envoy's configuration: %w", err)
	}
	node := &core.Node{}
	return node, jsonpb.Unmarshal(bytes.NewReader(envoy.Node), node)
}

// follow keeps the proxy's stream to Pilot for as long as the context lasts.
func (p *proxy) follow(ctx context.Context, node *core.Node) {
	pause := backoff.NewExponentialBackOff()
	pause.MaxInterval, pause.MaxElapsedTime = 10*time.Second, 0
	stream := func() error {
		log.Printf("connecting to Pilot at %s as %s", p.pilot, node.Id)
		complete := false
		return pilot.Follow(ctx, p.pilot, node, func(told *pilot.Told) bool {
			if told.Complete() && !complete {
				complete = true
				log.Printf("Pilot has told %d clusters, %d listeners, %d routes", len(told.Clusters), len(told.Listeners), len(told.Routes))
				pause.Reset()
			}
			return false
		})
	}
	ended := func(err error, wait time.Duration) {
		log.Printf("the stream to Pilot has ended, next attempt in %s: %v", wait.Round(time.Millisecond), err)
	}
	_ = backoff.RetryNotify(stream, backoff.WithContext(pause, ctx), ended)
}

func followPilot(arguments []string) error {
	p, err := parse(arguments)
	if err != nil || p.pilot == "" {
		return err
	}
	node, err := p.node(os.Environ(), "")
	if err != nil {
		return err
	}
	p.follow(context.Background(), node)
	return nil
}
