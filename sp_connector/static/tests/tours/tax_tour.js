import { registry } from "@web/core/registry";

/** The box of the proposal for these words and no limits. */
function box(words) {
    return `.modal .o_data_row:contains(${words}) [name=is_ticked] input`;
}

registry.category("web_tour.tours").add("sp_connector_taxes", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger: ".o_menu_sections button:contains(Configuration)",
            run: "click",
        },
        {
            content: "Open the account mapping",
            trigger: ".o-dropdown-item:contains(Account Mapping)",
            run: "click",
        },
        {
            content: "Open the proposals",
            trigger: ".o_control_panel button:contains(Set Up Taxes)",
            run: "click",
        },
        {
            content: "Fees are proposed from a day on, with the reason",
            trigger: ".modal .o_data_row:contains(from 08/01/2024):contains(Since 1 August 2024)",
        },
        {
            content: "Enter the line of chargebacks",
            trigger: ".modal .o_data_row:contains(Chargebacks) [name=outcome]",
            run: "click",
        },
        {
            content: "It is not ticked by itself: tick it",
            trigger: `${box("Chargebacks")}:not(:checked)`,
            run: "click",
        },
        ...["08/01/2024", "Luxembourg"].flatMap((words) => [
            {
                content: `Enter the line of fees: ${words}`,
                trigger: `.modal .o_data_row:contains(${words}) [name=outcome]`,
                run: "click",
            },
            {
                content: "Untick it",
                trigger: `${box(words)}:checked`,
                run: "click",
            },
        ]),
        {
            content: "Apply",
            trigger: ".modal-footer button:contains(Apply What Is Ticked)",
            run: "click",
        },
        {
            content: "The mapping shows what was applied, limits and taxes",
            trigger:
                "body:not(:has(.modal)) .o_data_row:contains(Chargebacks):contains(Amazon.co.uk):contains(20%)",
        },
        {
            content: "Only lines with a tax are shown at first",
            trigger: ".o_searchview_facet:contains(With Tax)",
        },
    ],
});
