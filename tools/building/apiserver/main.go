// Command apiserver is etcd, kube-apiserver, kube-controller-manager and kubectl in one binary, for Sealwright's tests.
// The first argument, or the name that the binary is called by, picks the component.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	component, arguments := filepath.Base(os.Args[0]), os.Args[1:]
	if !known(component) && len(arguments) > 0 {
		component, arguments = arguments[0], arguments[1:]
	}
	// Cobra and etcd both read os.Args, so they have to see their own arguments only.
	os.Args = append([]string{component}, arguments...)
	switch component {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kubectl":
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	default:
		fmt.Fprintln(os.Stderr, "say which: etcd, kube-apiserver, kube-controller-manager or kubectl")
		os.Exit(2)
	}
}

func known(name string) bool {
	switch name {
	case "etcd", "kube-apiserver", "kube-controller-manager", "kubectl":
		return true
	}
	return false
}
