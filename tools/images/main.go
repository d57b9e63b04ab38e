// images writes container images from a list on standard input into one archive that a container runtime imports:
//
//	images OUT.tar < LIST.json
//
// Nothing is fetched and nothing is run. The same list gives the same images; equal layers are in the archive once.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// image is one element of the list.
type image struct {
	Names      []string          `json:"names"` // in full: registry, repository and tag
	Base       string            `json:"base"`  // a tar of a root file system, the lowest layer; none if empty
	Files      map[string]string `json:"files"` // path in the image -> file or folder here; modes are kept, the owner is root
	Entrypoint []string          `json:"entrypoint"`
	Cmd        []string          `json:"cmd"`
	Env        map[string]string `json:"env"`
	User       string            `json:"user"`
	Workdir    string            `json:"workdir"`
	Labels     map[string]string `json:"labels"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: images OUT.tar < LIST.json")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1)
	}
}

// write makes the archive; path is there whole or not at all.
func write(path string, list io.Reader) error {
	var images []image
	decoder := json.NewDecoder(list)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&images); err != nil {
		return fmt.Errorf("the list: %w", err)
	}
	built := map[name.Reference]v1.Image{}
	bases := map[string]v1.Layer{} // each is hashed once
	for number, from := range images {
		result, err := from.build(bases)
		if err != nil {
			return fmt.Errorf("image %d %v: %w", number, from.Names, err)
		}
		for _, text := range from.Names {
			tag, err := name.NewTag(text, name.StrictValidation)
			if err != nil {
				return fmt.Errorf("image %d, name %q: %w", number, text, err)
			}
			if built[tag] != nil {
				return fmt.Errorf("two images are called %s", text)
			}
			built[tag] = result
		}
	}
	temporary := path + ".new"
	if err := tarball.MultiRefWriteToFile(temporary, built); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return os.Rename(temporary, path)
}

func (from image) build(bases map[string]v1.Layer) (v1.Image, error) {
	if len(from.Names) == 0 {
		return nil, errors.New("it has no name")
	}
	var layers []v1.Layer
	if from.Base != "" {
		if bases[from.Base] == nil {
			base, err := newLayer(copyOf(from.Base))
			if err != nil {
				return nil, err
			}
			bases[from.Base] = base
		}
		layers = append(layers, bases[from.Base])
	}
	if len(from.Files) > 0 {
		files, err := newLayer(tarOf(from.Files))
		if err != nil {
			return nil, err
		}
		layers = append(layers, files)
	}
	result, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		return nil, err
	}
	config, err := result.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{
		Entrypoint: from.Entrypoint, Cmd: from.Cmd, User: from.User, WorkingDir: from.Workdir, Labels: from.Labels,
	}
	for _, variable := range slices.Sorted(maps.Keys(from.Env)) {
		config.Config.Env = append(config.Config.Env, variable+"="+from.Env[variable])
	}
	return mutate.ConfigFile(result, config)
}
