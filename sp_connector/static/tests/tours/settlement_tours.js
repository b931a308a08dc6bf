import { registry } from "@web/core/registry";

const COLUMNS = [
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "amount",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
    "quantity-purchased",
    "promotion-id",
];

/** A settlement file, Flat File V2: an order of 24.00 with a fee of 3.60. */
function settlementFile(reference) {
    const order = {
        "settlement-id": reference,
        "transaction-type": "Order",
        "order-id": `${reference}-0000001`,
        "marketplace-name": "Amazon.co.uk",
        "posted-date": "09.04.2026",
        "posted-date-time": "09.04.2026 10:15:00 UTC",
    };
    const rows = [
        {
            "settlement-id": reference,
            "settlement-start-date": "08.04.2026 08:30:00 UTC",
            "settlement-end-date": "22.04.2026 08:30:00 UTC",
            "deposit-date": "24.04.2026 08:30:00 UTC",
            "total-amount": "20.40",
            currency: "GBP",
        },
        {
            ...order,
            "amount-type": "ItemPrice",
            "amount-description": "Principal",
            amount: "24.00",
        },
        {
            ...order,
            "amount-type": "ItemFees",
            "amount-description": "Commission",
            amount: "-3.60",
        },
    ];
    const lines = rows.map((row) => COLUMNS.map((column) => row[column] || "").join("\t"));
    const text = [COLUMNS.join("\t"), ...lines, ""].join("\n");
    return new File([text], `settlement_${reference}.txt`, { type: "text/plain" });
}

/** Open the import from the list and drop a file for each settlement ID. */
function dropFiles(...references) {
    return [
        {
            content: "Open the import",
            trigger: ".o_control_panel button:contains(Import)",
            run: "click",
        },
        {
            content: "Drop the files",
            trigger: ".modal .o_sp_settlement_files:has(input[type=file]:not(:visible))",
            run() {
                const transfer = new DataTransfer();
                references.forEach((reference) => transfer.items.add(settlementFile(reference)));
                for (const type of ["dragenter", "dragover", "drop"]) {
                    this.anchor.dispatchEvent(
                        new DragEvent(type, {
                            bubbles: true,
                            cancelable: true,
                            dataTransfer: transfer,
                        })
                    );
                }
            },
        },
        ...references.map((reference) => ({
            content: `File ${reference} is uploaded`,
            trigger: `.modal .o_sp_file:contains(settlement_${reference}.txt)`,
        })),
        {
            content: "Look inside",
            trigger: ".modal button[name=action_check]",
            run: "click",
        },
        ...references.map((reference) => ({
            content: `Settlement ${reference} is found`,
            trigger: `.modal .o_kanban_record:contains(${reference}):contains(Ready):contains(20.40):contains(Selling fees)`,
        })),
        {
            content: "Import",
            trigger: ".modal button[name=action_import]",
            run: "click",
        },
    ];
}

function openSettlement(reference) {
    return {
        content: `Open settlement ${reference}`,
        trigger: `.o_data_row td[name=settlement_ref]:contains(${reference})`,
        run: "click",
    };
}

function hasState(label) {
    return {
        content: `It is ${label}`,
        trigger: `.o_statusbar_status button.o_arrow_button_current:contains(${label})`,
    };
}

registry.category("web_tour.tours").add("sp_connector_import_and_post", {
    steps: () => [
        ...dropFiles("7700000001"),
        hasState("To Review"),
        {
            content: "The proof is there",
            trigger: ".o_sp_proof [name=amount_difference].text-success",
        },
        {
            content: "Income has a subtotal",
            trigger: ".o_sp_kind[data-kind=income]:contains(24.00)",
        },
        {
            content: "Sales come with their sum; open them",
            trigger:
                ".o_sp_section[data-category=sales]:contains(24.00) button[aria-expanded=false]",
            run: "click",
        },
        {
            content: "Their lines are shown",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Principal)",
        },
        {
            content: "Create the draft entry",
            trigger: "button[name=action_book]",
            run: "click",
        },
        hasState("Draft Entry"),
        {
            content: "Post it",
            trigger: ".o_statusbar_buttons button[name=action_post]",
            run: "click",
        },
        hasState("Posted"),
        {
            content: "Open the entry",
            trigger: ".oe_stat_button[name=action_view_moves]",
            run: "click",
        },
        {
            content: "Go back to the settlement",
            trigger: ".oe_stat_button[name=action_view_sp_settlement]:contains(7700000001)",
            run: "click",
        },
        {
            content: "Open the entry again, from the proof",
            trigger: ".o_sp_proof button[name=action_view_moves]",
            run: "click",
        },
        {
            content: "Open the rows of the first journal item",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Sales) button[name=action_view_sp_rows]",
            run: "click",
        },
        {
            content: "It is made of one row of the order",
            trigger:
                ".o_list_view .o_data_row:only-of-type td[name=order_ref]:contains(7700000001-0000001)",
        },
    ],
});

registry.category("web_tour.tours").add("sp_connector_drop_two_files", {
    steps: () => [
        ...dropFiles("7700000002", "7700000003"),
        {
            content: "The first is in the list",
            trigger: ".o_list_view .o_data_row:contains(7700000002)",
        },
        {
            content: "The second is in the list",
            trigger: ".o_list_view .o_data_row:contains(7700000003):contains(To Review)",
        },
    ],
});

/** Press the button of the warning and say in the dialog which category the words are. */
function mapWords(warning, category) {
    return [
        {
            content: "Map the next words",
            trigger: `${warning} button[name=action_map_words]`,
            run: "click",
        },
        {
            content: "Open the categories",
            trigger: ".modal .o_field_widget[name=category] .o_select_menu_toggler",
            run: "click",
        },
        {
            content: `Choose ${category}`,
            trigger: `.o_select_menu_menu .o_select_menu_item:contains(${category})`,
            run: "click",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("sp_connector_map_words", {
    steps: () => [
        openSettlement("99000000804"),
        hasState("Held"),
        {
            content: "Unknown words are shown at once, with their sum",
            trigger:
                ".o_sp_section[data-category=unknown]:contains(-7.05) button[aria-expanded=true]",
        },
        ...mapWords(".alert:contains(MoonFees):contains(TeleportFee)", "Storage fees"),
        ...mapWords(".alert:not(:contains(MoonFees)):contains(TeleportFee)", "Selling fees"),
        hasState("To Review"),
        {
            content: "Nothing holds it any longer",
            trigger: ".o_form_view:not(:has([name=hold_reason]))",
        },
    ],
});

registry.category("web_tour.tours").add("sp_connector_bookkeeper", {
    steps: () => [
        {
            content: "Each currency is added up by itself",
            trigger: "tfoot .o_list_number:contains(GBP 39.68):contains(USD 51.05)",
        },
        openSettlement("99000000804"),
        {
            content: "A bookkeeper is told that a manager maps words",
            trigger: ".alert:contains(A manager):not(:has(button[name=action_map_words]))",
        },
        {
            content: "There is no configuration menu",
            trigger: ".o_menu_sections:contains(Files):not(:contains(Configuration))",
        },
    ],
});
