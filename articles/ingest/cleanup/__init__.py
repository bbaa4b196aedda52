"""From a body as a site wrote it to blocks as this house writes them: tree, flow, blocks, page."""
