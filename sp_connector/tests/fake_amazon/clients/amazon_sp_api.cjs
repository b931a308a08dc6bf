"use strict";
// The npm package amazon-sp-api: token by JSON, both pages of the reports, one document.
const {run, V2} = require("./amazon.cjs");
const {SellingPartner} = require("amazon-sp-api");

run(async (amazon) => {
    const partner = new SellingPartner({
        region: "eu",
        refresh_token: amazon.refresh_token,
        credentials: {
            SELLING_PARTNER_APP_CLIENT_ID: amazon.client_id,
            SELLING_PARTNER_APP_CLIENT_SECRET: amazon.client_secret,
        },
        options: {auto_request_throttled: false},
    });
    const ask = (operation, more) => partner.callAPI({operation, ...more});
    const places = await ask("getMarketplaceParticipations", {endpoint: "sellers"});
    const version = {endpoint: "reports", options: {version: "2021-06-30"}};
    const first = await ask("getReports", {...version, query: {reportTypes: [V2], pageSize: 1}});
    const second = await ask("getReports", {...version, query: {nextToken: first.nextToken}});
    const reports = [...first.reports, ...second.reports];
    const path = {reportDocumentId: reports[0].reportDocumentId};
    const document = await ask("getReportDocument", {...version, path});
    return {
        marketplaces: places.map((one) => one.marketplace.id),
        reports: reports.map((one) => one.reportId),
        document: String(await partner.download(document)),
    };
});
