"""What the pictures show: one function a scene, each fitting several articles by its colours and options."""
