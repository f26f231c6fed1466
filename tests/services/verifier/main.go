// Checks what the archiver proves, by nothing of its own: golang.org/x/mod/sumdb (the Go project's
// own transparency log) reads the key and the notes and recomputes the RFC 6962 proofs.
//
//	verifier receipt KEY PROOF LEAF          an entry's receipt (c2sp.org/tlog-proof)
//	verifier continues KEY OLD NEW PROOF     a consistency proof between two checkpoints
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func run(what string, args []string) error {
	verifier, err := note.NewVerifier(args[0])
	if err != nil {
		return err
	}
	if what == "receipt" {
		return receipt(verifier, read(args[1]), read(args[2]))
	}
	return continues(verifier, read(args[1]), read(args[2]), read(args[3]))
}

func receipt(verifier note.Verifier, proof, leaf string) error {
	head, checkpoint, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no tlog-proof: %q", lines[0])
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	size, root, err := tree(verifier, checkpoint)
	if err != nil {
		return err
	}
	steps, err := hashes(lines[2:])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(steps, size, root, index, tlog.RecordHash([]byte(leaf)))
}

func continues(verifier note.Verifier, old, now, proof string) error {
	oldSize, oldRoot, err := tree(verifier, old)
	if err != nil {
		return err
	}
	size, root, err := tree(verifier, now)
	if err != nil {
		return err
	}
	steps, err := hashes(strings.Fields(proof))
	if err != nil {
		return err
	}
	return tlog.CheckTree(steps, size, root, oldSize, oldRoot)
}

func tree(verifier note.Verifier, checkpoint string) (int64, tlog.Hash, error) {
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := hashes(lines[2:3])
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	return size, root[0], nil
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, line := range lines {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("no hash: %q", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		found = append(found, hash)
	}
	return found, nil
}

func read(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	return string(data)
}
