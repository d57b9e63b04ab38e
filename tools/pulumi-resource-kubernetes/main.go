// The Kubernetes provider plug-in. The provider module's own main embeds a generated file that the module lacks; this one embeds
// the schema from which that file is made.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:embed schema.json
var schema []byte

var version string // stamped by the build

func main() {
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
