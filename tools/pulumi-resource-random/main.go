// A random provider plug-in with the one resource that mesh uses, RandomPassword, for the unmodified Python package pulumi-random.
// For machines where the official plug-in cannot be downloaded; the states of the two are not interchangeable.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"os"
	"strings"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

var version string // stamped by the build

// RandomPassword is a secret random string. It has no Update: each change of an argument replaces it.
type RandomPassword struct{}

// Annotate gives the resource the token of the Python package.
func (r *RandomPassword) Annotate(a infer.Annotator) {
	a.SetToken("index/randomPassword", "RandomPassword")
}

// Args are the arguments that are understood; the framework refuses others.
type Args struct {
	Length  int               `pulumi:"length"`
	Keepers map[string]string `pulumi:"keepers,optional"`
	Lower   *bool             `pulumi:"lower,optional"`
	Upper   *bool             `pulumi:"upper,optional"`
	Numeric *bool             `pulumi:"numeric,optional"`
	Special *bool             `pulumi:"special,optional"`
}

// Annotate sets the defaults: every class of characters is used.
func (a *Args) Annotate(annotator infer.Annotator) {
	for _, class := range []any{&a.Lower, &a.Upper, &a.Numeric, &a.Special} {
		annotator.SetDefault(class, true)
	}
}

// State is what the engine keeps.
type State struct {
	Args
	Result string `pulumi:"result" provider:"secret"`
}

// Check refuses arguments from which no password can be made.
func (*RandomPassword) Check(ctx context.Context, request infer.CheckRequest) (infer.CheckResponse[Args], error) {
	args, failures, err := infer.DefaultCheck[Args](ctx, request.NewInputs)
	if length, given := request.NewInputs.GetOk("length"); given && length.IsNumber() && length.AsNumber() < 1 {
		failures = append(failures, provider.CheckFailure{Property: "length", Reason: "must be at least 1"})
	}
	if err == nil && len(failures) == 0 && alphabet(args) == "" {
		failures = append(failures, provider.CheckFailure{Property: "special", Reason: "every class of characters is off"})
	}
	return infer.CheckResponse[Args]{Inputs: args, Failures: failures}, err
}

// Create makes the password; a preview only says that there will be one.
func (*RandomPassword) Create(_ context.Context, request infer.CreateRequest[Args]) (infer.CreateResponse[State], error) {
	state := State{Args: request.Inputs}
	if !request.DryRun {
		state.Result = password(request.Inputs.Length, alphabet(request.Inputs))
	}
	return infer.CreateResponse[State]{ID: "none", Output: state}, nil
}

func alphabet(args Args) string {
	var characters strings.Builder
	for _, class := range []struct {
		used       *bool
		characters string
	}{
		{args.Lower, "abcdefghijklmnopqrstuvwxyz"},
		{args.Upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{args.Numeric, "0123456789"},
		{args.Special, "!@#$%&*()-_=+[]{}<>:?"},
	} {
		if class.used == nil || *class.used {
			characters.WriteString(class.characters)
		}
	}
	return characters.String()
}

func password(length int, alphabet string) string {
	result := make([]byte, length)
	for i := range result {
		// crypto/rand.Reader never fails: the process ends instead.
		index, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		result[i] = alphabet[index.Int64()]
	}
	return string(result)
}

func main() {
	plugin, err := infer.NewProviderBuilder().WithResources(infer.Resource(&RandomPassword{})).Build()
	if err == nil {
		err = plugin.Run(context.Background(), "random", version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
