"use strict";
// What both clients share: Amazon's hosts lead to a running simulator, whose JSON line comes by
// standard input. Both speak https to fixed hosts; here every request goes to the simulator over
// http with the true host name in Host, by which it knows the region. Nothing else is touched.
const fs = require("fs");
const http = require("http");
const https = require("https");

const amazon = JSON.parse(fs.readFileSync(0, "utf8"));
const simulator = new URL(amazon.lwa);

https.request = (options, answered) => {
    const hostname = options.hostname || options.host;
    return http.request(
        {
            method: options.method,
            path: options.path,
            headers: {...options.headers, host: options.headers.host || hostname},
            hostname: simulator.hostname,
            port: simulator.port,
        },
        answered
    );
};

/** Run a client and print what it saw; its errors end this process with a message. */
exports.run = async (client) => {
    try {
        process.stdout.write(JSON.stringify(await client(amazon)));
    } catch (error) {
        process.stderr.write(`${error.stack}\n${JSON.stringify(error.response?.data ?? error)}\n`);
        process.exitCode = 1;
    }
};
exports.V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";
