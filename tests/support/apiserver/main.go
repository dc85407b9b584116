// Command apiserver is etcd, kube-apiserver and kube-controller-manager in one binary, for Sealwright's tests.
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
	default:
		fmt.Fprintln(os.Stderr, "say which: etcd, kube-apiserver or kube-controller-manager")
		os.Exit(2)
	}
}

func known(name string) bool {
	return name == "etcd" || name == "kube-apiserver" || name == "kube-controller-manager"
}
