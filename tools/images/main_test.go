package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func put(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func digest(t *testing.T, image v1.Image) string {
	t.Helper()
	hash, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return hash.String()
}

func TestArchive(t *testing.T) {
	folder := t.TempDir()
	base := &bytes.Buffer{}
	archive := tar.NewWriter(base)
	if err := archive.WriteHeader(&tar.Header{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
		t.Fatal(err)
	}
	archive.Close()
	rootfs := put(t, filepath.Join(folder, "base.tar"), base.String(), 0o644)
	tool := put(t, filepath.Join(folder, "tool"), "#!/bin/sh\n", 0o755)
	list := fmt.Sprintf(`[
		{"names": ["docker.io/a/one:1", "docker.io/a/alias:1"], "base": %q, "files": {"/bin/tool": %q},
		 "entrypoint": ["/bin/tool"], "env": {"B": "2", "A": "1"}, "user": "1337"},
		{"names": ["docker.io/a/two:1"], "base": %q}]`, rootfs, tool, rootfs)

	first, second := filepath.Join(folder, "first.tar"), filepath.Join(folder, "second.tar")
	for _, path := range []string{first, second} {
		if err := write(path, strings.NewReader(list)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(tool, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"docker.io/a/one:1", "docker.io/a/alias:1"} {
		tag, _ := name.NewTag(text)
		image, err := tarball.ImageFromPath(first, &tag)
		if err != nil {
			t.Fatal(err)
		}
		again, err := tarball.ImageFromPath(second, &tag)
		if err != nil {
			t.Fatal(err)
		}
		if digest(t, image) != digest(t, again) {
			t.Error("the same list gave another image")
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(config.Config.Env, config.Config.User, config.Config.Entrypoint); got != "[A=1 B=2]1337[/bin/tool]" {
			t.Error(got)
		}
		layers, _ := image.Layers()
		if len(layers) != 2 {
			t.Fatalf("%d layers", len(layers))
		}
		content, _ := layers[1].Uncompressed()
		reader := tar.NewReader(content)
		header, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(reader)
		if header.Name != "bin/tool" || header.Mode != 0o755 || string(data) != "#!/bin/sh\n" {
			t.Errorf("%v %q", header, data)
		}
	}
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	for list, want := range map[string]string{
		`[{"names": ["docker.io/a/b:1"], "files": {"/x": "/nowhere"}}]`:   "/nowhere",
		`[{"names": ["docker.io/a/b:1"], "files": {"x": "/etc/passwd"}}]`: "absolute",
		`[{"names": ["docker.io/a/b:1"], "entry": []}]`:                   "entry",
		`[{"names": ["busybox"]}]`:                                        "busybox",
		`[{"files": {}}]`:                                                 "no name",
	} {
		out := filepath.Join(t.TempDir(), "out.tar")
		err := write(out, strings.NewReader(list))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: an archive was written", list)
		}
	}
}
