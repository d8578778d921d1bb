// Logcheck verifies a published log with Go's golang.org/x/mod/sumdb packages, which nobody here wrote:
//
//	logcheck VKEY DIR [OLD-CHECKPOINT...]
//
// It opens DIR/checkpoint, hashes every entry of every bundle up to the root, compares every tile with that, reads the tiles as a
// client does, and proves each older checkpoint a beginning. One line, exit code 0 or 1. Written from contracts/ledger/FORMAT.md alone.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	if len(os.Args) < 3 {
		fmt.Println("FAIL usage: logcheck VKEY DIR [OLD-CHECKPOINT...]")
		os.Exit(2)
	}
	tree, err := check(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Println("FAIL x/mod/sumdb:", err)
		os.Exit(1)
	}
	fmt.Printf("OK x/mod/sumdb: %d entries under root %v, %d older checkpoints are beginnings\n", tree.N, tree.Hash, len(os.Args)-3)
}

func check(vkey, dir string, old []string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := open(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return tree, err
	}
	if tree.N == 0 {
		return tree, fmt.Errorf("the log is empty")
	}
	stored, err := readEntries(dir, tree.N)
	if err != nil {
		return tree, err
	}
	if root, err := tlog.TreeHash(tree.N, stored); err != nil || root != tree.Hash {
		return tree, fmt.Errorf("the entries do not give the root %v: %v", tree.Hash, err)
	}
	if err := checkTiles(dir, tree.N, stored); err != nil {
		return tree, err
	}
	// What a client does that does not read everything. Before x/mod 0.40 this reader left tiles unchecked when several subtrees of
	// the root lie in one tile (CVE-2026-56865, found again here), so all tiles were compared with the entries above.
	hashes := tlog.TileHashReader(tree, &files{dir: dir, kept: map[string][]byte{}})
	if root, err := tlog.TreeHash(tree.N, hashes); err != nil || root != tree.Hash {
		return tree, fmt.Errorf("the tiles do not give the root: %v", err)
	}
	for _, file := range old {
		before, err := open(file, verifier)
		if err != nil {
			return tree, fmt.Errorf("older checkpoint: %v", err)
		}
		if before.N > tree.N {
			return tree, fmt.Errorf("an older checkpoint has %d entries, the log %d", before.N, tree.N)
		}
		if before.N == 0 {
			continue
		}
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		if err != nil {
			return tree, err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
			return tree, fmt.Errorf("size %d is not a beginning: %v", before.N, err)
		}
	}
	return tree, nil
}

// open reads a checkpoint: origin, size, root. The key's name must be the origin.
func open(file string, verifier note.Verifier) (tlog.Tree, error) {
	message, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("no size in the checkpoint")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("no root in the checkpoint")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// hashStore holds the hash of every complete subtree, in the order of tlog.StoredHashIndex.
type hashStore []tlog.Hash

func (s hashStore) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = s[index]
	}
	return read, nil
}

// readEntries hashes every entry of every bundle.
func readEntries(dir string, size int64) (hashStore, error) {
	stored := make(hashStore, 0, tlog.StoredHashCount(size))
	for n := int64(0); n < size; {
		bundle := n / width
		data, err := readTile(dir, tlog.Tile{H: height, L: -1, N: bundle, W: partial(size, bundle)})
		if err != nil {
			return nil, err
		}
		for end := bundle*width + int64(partial(size, bundle)); n < end; n++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("bundle %d ends inside entry %d", bundle, n)
			}
			length := 2 + int(binary.BigEndian.Uint16(data))
			hashes, err := tlog.StoredHashes(n, data[2:length], stored)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
			data = data[length:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("bundle %d holds more than its entries", bundle)
		}
	}
	return stored, nil
}

// checkTiles compares every tile of every level with what the entries give.
func checkTiles(dir string, size int64, stored hashStore) error {
	for level := 0; size>>(height*level) > 0; level++ {
		count := size >> (height * level)
		for n := int64(0); n*width < count; n++ {
			tile := tlog.Tile{H: height, L: level, N: n, W: partial(count, n)}
			right, err := tlog.ReadTileData(tile, stored)
			if err != nil {
				return err
			}
			found, err := readTile(dir, tile)
			if err != nil {
				return err
			}
			if !bytes.Equal(found, right) {
				return fmt.Errorf("%s is not that of the entries", tile.Path())
			}
		}
	}
	return nil
}

// partial is how many of count things stand in the n'th tile.
func partial(count, n int64) int {
	if rest := count - n*width; rest < width {
		return int(rest)
	}
	return width
}

// files is a tlog.TileReader over the log's folder: C2SP paths are sumdb's without the height element, entries stand for data.
type files struct {
	dir  string
	kept map[string][]byte
}

func (f *files) Height() int { return height }

func (f *files) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f *files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		name := tile.Path()
		data, ok := f.kept[name]
		if !ok {
			var err error
			if data, err = readTile(f.dir, tile); err != nil {
				return nil, err
			}
			if tile.L > 0 {
				f.kept[name] = data
			}
		}
		all[i] = data
	}
	return all, nil
}

func readTile(dir string, tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(dir, "tile", filepath.FromSlash(path)))
}
