First release: settlement reports are found and imported by the workers of the job queue.
