// Command healthjudge says what tools make of objects: kstatus (Flux, Helm 4) and expressions in CEL (Flux's
// healthCheckExprs). It reads one question in JSON per line, and writes one answer per line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// Without expressions, kstatus is asked; with them, they alone.
type question struct {
	Object      map[string]any    `json:"object"`
	Expressions map[string]string `json:"expressions"`
}

type answer struct {
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 4<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		said, err := answerTo(lines.Bytes())
		if err != nil {
			said = answer{Error: err.Error()}
		}
		if err := answers.Encode(said); err != nil {
			os.Exit(1)
		}
	}
}

func answerTo(line []byte) (answer, error) {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{}, err
	}
	// As an API client reads it: whole numbers are integers.
	content, err := json.Marshal(asked.Object)
	if err != nil {
		return answer{}, err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(content); err != nil {
		return answer{}, err
	}
	if len(asked.Expressions) > 0 {
		return byExpressions(asked.Expressions, object)
	}
	result, err := status.Compute(object)
	if err != nil {
		return answer{}, err
	}
	return answer{Status: result.Status.String(), Message: result.Message}, nil
}

// Flux's order: a generation that was not observed, then inProgress, failed and current; what none describes is in
// progress.
func byExpressions(expressions map[string]string, object *unstructured.Unstructured) (answer, error) {
	observed, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	if err != nil {
		return answer{}, err
	}
	if found && observed != object.GetGeneration() {
		return answer{Status: status.InProgressStatus.String()}, nil
	}
	for _, name := range []string{"inProgress", "failed", "current"} {
		expression, given := expressions[name]
		if !given {
			continue
		}
		holds, err := evaluate(expression, object.Object)
		if err != nil {
			return answer{}, err
		}
		if holds {
			return answer{Status: map[string]status.Status{
				"inProgress": status.InProgressStatus,
				"failed":     status.FailedStatus,
				"current":    status.CurrentStatus,
			}[name].String()}, nil
		}
	}
	return answer{Status: status.InProgressStatus.String()}, nil
}

// The fields of the object are variables; one that it lacks makes the expression an error, as in Flux.
func evaluate(expression string, fields map[string]any) (bool, error) {
	options := []cel.EnvOption{ext.Strings()}
	for _, name := range []string{"apiVersion", "kind", "metadata", "spec", "status"} {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	environment, err := cel.NewEnv(options...)
	if err != nil {
		return false, err
	}
	parsed, issues := environment.Compile(expression)
	if issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := environment.Program(parsed)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(fields)
	if err != nil {
		return false, fmt.Errorf("%s: %w", expression, err)
	}
	holds, is := value.Value().(bool)
	if !is {
		return false, errors.New("not a bool: " + expression)
	}
	return holds, nil
}
