// A program that needs nothing but a kernel: what a distroless image holds. It prints how it was called, as JSON,
// and does what its arguments say.
//
//	-write FILE=TEXT   writes TEXT into FILE, creating its folder; may be repeated
//	-exit CODE         exits with CODE (0 without it)
//	-sleep DURATION    waits before it ends, for example 1.5s
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type writes []string

func (w *writes) String() string { return strings.Join(*w, " ") }

func (w *writes) Set(value string) error {
	if !strings.Contains(value, "=") {
		return fmt.Errorf("%q is not of the form FILE=TEXT", value)
	}
	*w = append(*w, value)
	return nil
}

func main() {
	var files writes
	flag.Var(&files, "write", "FILE=TEXT to write")
	code := flag.Int("exit", 0, "exit code")
	pause := flag.Duration("sleep", 0, "how long to wait before the end")
	flag.Parse()

	cwd, err := os.Getwd()
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"argv": os.Args,
		"env":  os.Environ(),
		"cwd":  cwd,
		"uid":  os.Getuid(),
	}))
	for _, file := range files {
		path, text, _ := strings.Cut(file, "=")
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, []byte(text), 0o644))
	}
	time.Sleep(*pause)
	os.Exit(*code)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(125)
	}
}
