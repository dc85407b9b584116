"""Where sealing certificates come from: files, the web, the cluster, and what was remembered of it."""
