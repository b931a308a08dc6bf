def uninstall_hook(env):
    """Take what waits out of the queue: the scheduler does that work itself again."""
    env["queue.job"].search(
        [
            ("job_function_id.channel_id", "=", env.ref("sp_connector_queue.channel").id),
            ("state", "in", ("wait_dependencies", "pending", "enqueued", "failed")),
        ]
    ).unlink()
