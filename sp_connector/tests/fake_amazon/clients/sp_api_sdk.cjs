"use strict";
// The npm packages @sp-api-sdk/auth and @sp-api-sdk/reports-api-2021-06-30: the same.
const http = require("http");
const zlib = require("zlib");
const {run, V2} = require("./amazon.cjs");
const {SellingPartnerApiAuth} = require("@sp-api-sdk/auth");
const {ReportsApiClient} = require("@sp-api-sdk/reports-api-2021-06-30");

/** The packages leave the download to their users. */
const download = (url) =>
    new Promise((resolve, reject) => {
        const chunks = [];
        const request = http.get(url, (answer) => {
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("end", () => resolve(Buffer.concat(chunks)));
        });
        request.on("error", reject);
    });

run(async (amazon) => {
    const auth = new SellingPartnerApiAuth({
        clientId: amazon.client_id,
        clientSecret: amazon.client_secret,
        refreshToken: amazon.refresh_token,
    });
    const client = new ReportsApiClient({auth, region: "eu"});
    const first = (await client.getReports({reportTypes: [V2], pageSize: 1})).data;
    const second = (await client.getReports({nextToken: first.nextToken})).data;
    const reports = [...first.reports, ...second.reports];
    const one = (await client.getReport({reportId: reports[0].reportId})).data;
    const {reportDocumentId} = reports[0];
    const document = (await client.getReportDocument({reportDocumentId})).data;
    const body = await download(document.url);
    return {
        report: one.reportId,
        reports: reports.map((each) => each.reportId),
        document: zlib.gunzipSync(body).toString(),
    };
});
