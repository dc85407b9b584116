"""kubeseal's command line, in the place of which `sealwright-kubeseal` can be put."""
