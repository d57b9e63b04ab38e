package main

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// newLayer makes a layer of what produce writes: each time it is read, and so never held in memory.
func newLayer(produce func(io.Writer) error) (v1.Layer, error) {
	open := func() (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() { writer.CloseWithError(produce(writer)) }()
		return reader, nil
	}
	return tarball.LayerFromOpener(open, tarball.WithCompressionLevel(gzip.NoCompression)) // it never leaves the machine
}

func copyOf(path string) func(io.Writer) error {
	return func(to io.Writer) error {
		from, err := os.Open(path)
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(to, from)
		return err
	}
}

// tarOf packs files and folders by their paths in the image. Parents are left to the runtime, which makes what is missing:
// an entry for them would turn a base's link such as /bin into a folder.
func tarOf(files map[string]string) func(io.Writer) error {
	return func(to io.Writer) error {
		archive := tar.NewWriter(to)
		for _, destination := range slices.Sorted(maps.Keys(files)) {
			if !filepath.IsAbs(destination) {
				return fmt.Errorf("the path in the image must be absolute: %s", destination)
			}
			source := files[destination]
			err := filepath.WalkDir(source, func(path string, _ fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				inside := filepath.Join(destination, strings.TrimPrefix(path, source))
				return add(archive, path, strings.TrimPrefix(inside, "/"))
			})
			if err != nil {
				return err
			}
		}
		return archive.Close()
	}
}

func add(archive *tar.Writer, path, inside string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	link := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if link, err = os.Readlink(path); err != nil {
			return err
		}
	}
	found, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	header := &tar.Header{
		Typeflag: found.Typeflag, Name: inside, Linkname: link, Mode: found.Mode, Size: found.Size, ModTime: time.Unix(0, 0),
	}
	if err := archive.WriteHeader(header); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	return copyOf(path)(archive)
}
