// What `helm template` does with this repository's chart, where there is no helm: text/template with sprig's functions and
// the few that Helm adds. It reads {"templates", "values", "chart", "release", "kubeVersion"} as JSON and writes the text of
// each template as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type request struct {
	Templates   map[string]string
	Values      map[string]interface{}
	Chart       map[string]interface{}
	Release     map[string]interface{}
	KubeVersion string
}

type kubeVersion struct{ Version string }

func toYaml(value interface{}) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

func render(asked request) (map[string]string, error) {
	// A value that is not there is empty, as in Helm.
	all := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	// Helm has these two not, so that a chart cannot read the environment.
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = toYaml
	functions["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := all.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return value, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	all.Funcs(functions)
	names := make([]string, 0, len(asked.Templates))
	for name := range asked.Templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := all.New(name).Parse(asked.Templates[name]); err != nil {
			return nil, err
		}
	}
	data := map[string]interface{}{
		"Values":       asked.Values,
		"Chart":        asked.Chart,
		"Release":      asked.Release,
		"Capabilities": map[string]interface{}{"KubeVersion": kubeVersion{asked.KubeVersion}},
	}
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		var text strings.Builder
		if err := all.ExecuteTemplate(&text, name, data); err != nil {
			return nil, err
		}
		rendered[name] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	return rendered, nil
}

func main() {
	var asked request
	err := json.NewDecoder(os.Stdin).Decode(&asked)
	if err == nil {
		var rendered map[string]string
		if rendered, err = render(asked); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(rendered)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
