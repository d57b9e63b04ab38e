// pilot-query connects to a Pilot 1.5 as one pod's proxy and prints, as one JSON document, what Pilot would program it to do.
//
//	pilot-query -pilot HOST:15010 -type sidecar -namespace ns1 -pod hello-… -ip 10.1.0.7 -label app=hello -meta SDS=true
//
// The address must be the pod's real one: Pilot finds the proxy's own services, and with them its inbound listeners, by it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/api/v2/core"
	structpb "github.com/golang/protobuf/ptypes/struct"
	"istio.io/pkg/version"

	"mesh/tools/istio-1.5.10/internal/pilot"
)

// pairs collects a flag that is given as KEY=VALUE, any number of times.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(text string) error {
	key, value, found := strings.Cut(text, "=")
	if !found || key == "" {
		return fmt.Errorf("want KEY=VALUE")
	}
	p[key] = value
	return nil
}

func main() {
	address := flag.String("pilot", "", "Pilot's plaintext gRPC `address`, HOST:15010")
	kind := flag.String("type", "sidecar", "sidecar, or router (a gateway)")
	namespace := flag.String("namespace", "", "the pod's `namespace`")
	pod := flag.String("pod", "", "the pod's `name`")
	ip := flag.String("ip", "", "the pod's `address`")
	timeout := flag.Duration("timeout", 30*time.Second, "for connecting and all answers")
	labels, meta := pairs{}, pairs{}
	flag.Var(labels, "label", "a label of the pod, `KEY=VALUE`; repeatable")
	flag.Var(meta, "meta", "more of the proxy's metadata, `KEY=VALUE`, such as SDS=true or a gateway's USER_SDS=true; repeatable")
	flag.Parse()
	for name, value := range map[string]string{"pilot": *address, "namespace": *namespace, "pod": *pod, "ip": *ip} {
		if value == "" {
			fail(fmt.Errorf("-%s is missing", name))
		}
	}

	meta["ISTIO_VERSION"] = version.Info.Version
	meta["NAME"], meta["NAMESPACE"], meta["INSTANCE_IPS"] = *pod, *namespace, *ip
	metadata := asStruct(meta)
	metadata.Fields["LABELS"] = &structpb.Value{Kind: &structpb.Value_StructValue{StructValue: asStruct(labels)}}
	node := &core.Node{
		Id:       fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local", *kind, *ip, *pod, *namespace, *namespace),
		Metadata: metadata,
	}

	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	var told *pilot.Told
	err := pilot.Follow(ctx, *address, node, func(known *pilot.Told) bool {
		told = known
		return known.Complete()
	})
	if err != nil {
		fail(fmt.Errorf("asking Pilot at %s as %s: %w", *address, node.Id, err))
	}
	answer, err := describe(node.Id, told)
	if err != nil {
		fail(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(answer); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "pilot-query:", strings.ReplaceAll(err.Error(), "\n", " "))
	os.Exit(1)
}

func asStruct(values pairs) *structpb.Struct {
	fields := map[string]*structpb.Value{}
	for key, value := range values {
		fields[key] = &structpb.Value{Kind: &structpb.Value_StringValue{StringValue: value}}
	}
	return &structpb.Struct{Fields: fields}
}
