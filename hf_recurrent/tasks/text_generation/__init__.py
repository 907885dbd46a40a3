"""Text generation: models that continue a text, judged by how well they predict one."""
