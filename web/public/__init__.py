"""What the pages for everybody show, without any HTML: catalogue, application, progress, openness."""
