{
    "name": "Amazon Settlements: Job Queue",
    "version": "19.0.0.1.0",
    "category": "Accounting/Accounting",
    "summary": "Amazon settlements are found and imported by the workers of OCA's job queue",
    "author": "sp_connector contributors",
    "website": "https://github.com/sp-connector/sp_connector",
    "license": "LGPL-3",
    "development_status": "Beta",
    "maintainers": ["sp-connector"],
    "depends": ["sp_connector", "queue_job"],
    "auto_install": True,
    "data": [
        "data/queue_job_channel_data.xml",
        "data/queue_job_function_data.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
