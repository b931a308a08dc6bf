import { registry } from "@web/core/registry";

// From the installed app to the first posted settlement, with the mouse alone. What a person has
// to press is counted: the test fails where it becomes more than is promised.

const MOST = 8;
const tours = registry.category("web_tour.tours");
const run = ".o_sp_first_run";

/** A settlement file, Flat File V2, with a sale and a fee of one marketplace. */
function settlementFile(reference, marketplace, currency) {
    const head = {
        "settlement-id": reference,
        "settlement-start-date": "08.04.2026 08:30:00 UTC",
        "settlement-end-date": "22.04.2026 08:30:00 UTC",
        "deposit-date": "24.04.2026 08:30:00 UTC",
        "total-amount": "20.40",
        currency,
    };
    const order = {
        "settlement-id": reference,
        "transaction-type": "Order",
        "order-id": `${reference}-0000001`,
        "marketplace-name": marketplace,
        "posted-date": "09.04.2026",
        "posted-date-time": "09.04.2026 10:15:00 UTC",
        sku: "LAMP",
    };
    const sale = { "amount-type": "ItemPrice", "amount-description": "Principal", amount: "24.00" };
    const fee = { "amount-type": "ItemFees", "amount-description": "Commission", amount: "-3.60" };
    const rows = [head, { ...order, ...sale }, { ...order, ...fee }];
    const names = [...new Set([...Object.keys(head), ...Object.keys(order), ...Object.keys(sale)])];
    const cells = rows.map((row) => names.map((name) => row[name] || "").join("\t"));
    const text = [names.join("\t"), ...cells, ""].join("\n");
    return new File([text], `settlement_${reference}.txt`, { type: "text/plain" });
}

function chooseFile(file) {
    return {
        content: "Choose a file",
        trigger: `${run}:has(input[type=file]:not(:visible))`,
        isPressed: true,
        run() {
            const input = this.anchor.querySelector("input[type=file]");
            const transfer = new DataTransfer();
            transfer.items.add(file);
            input.files = transfer.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

const post = [
    {
        content: "Look at the draft entry",
        trigger: ".o_statusbar_buttons button[name=action_book]",
        run: "click",
    },
    {
        content: "Post it",
        trigger: ".o_statusbar_buttons button[name=action_post]",
        run: "click",
    },
    { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)" },
];

/** From accounts and taxes to Posted. */
function setUpAndPost() {
    return [
        {
            content: "Set up accounts and taxes",
            trigger: `${run} [data-step=setup][aria-current=step] button`,
            run: "click",
        },
        {
            content: "All of it is proposed",
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "Open the first settlement",
            trigger: `${run} [data-step=look][aria-current=step] button`,
            run: "click",
        },
        ...post,
    ];
}

/** The same without going back to Home, for a company that has no Tax ID: it is asked once. */
function setUpThere() {
    return [
        {
            content: "The settlement says what it waits for",
            trigger: ".o_form_view .alert button[name=action_setup]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=registration] .o_select_menu_toggler",
            run: "click",
        },
        {
            trigger: ".o_select_menu_menu .o_select_menu_item:contains(Not registered)",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        ...post,
    ];
}

/** Refuse a way that is longer than promised; give the runner what it knows. */
function count(steps, before = 0) {
    const here = steps.filter((step) => step.run === "click" || step.isPressed).length;
    const pressed = before + here;
    if (pressed > MOST) {
        throw new Error(`${pressed} clicks instead of ${MOST}`);
    }
    return steps.map(({ isPressed, ...step }) => step);
}

// The same with a connection: two presses here, one on Amazon's consent page.
const CONNECTING = 3;

tours.add("sp_connector_first_run_connect", {
    steps: () => [
        {
            trigger: `${run} [data-step=source][aria-current=step] button:contains(Connect)`,
            run: "click",
        },
        {
            content: "It says what is read, what comes and when",
            trigger: ".modal li:contains(only reads)",
        },
        {
            content: "Leave for Amazon",
            trigger: ".modal footer button:contains(Connect)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back: Amazon was asked, and what it has is said",
            trigger: ".o_notification:contains(1 new report)",
        },
    ],
});

tours.add("sp_connector_first_run_arrived", {
    steps: () => count(setUpAndPost(), CONNECTING),
});

const goHome = {
    content: "Home says what is next",
    trigger: ".o_menu_sections [data-menu-xmlid='sp_connector.sp_home_menu']",
    run: "click",
};

for (const [reference, marketplace, currency, isThere] of [
    ["7800000001", "Amazon.co.uk", "GBP", true],
    ["7800000002", "Amazon.de", "EUR"],
    ["7800000003", "Amazon.fr", "EUR"],
    ["7800000004", "Amazon.com", "USD"],
]) {
    tours.add(`sp_connector_first_run_${reference}`, {
        steps: () =>
            count([
                chooseFile(settlementFile(reference, marketplace, currency)),
                {
                    content: "It shows at once what is in it",
                    trigger: `.modal .o_kanban_record:contains(${reference}):contains(20.40)`,
                },
                {
                    trigger: ".modal button[name=action_import]",
                    run: "click",
                },
                { trigger: ".o_form_view .o_arrow_button_current:contains(Held)" },
                ...(isThere ? setUpThere() : [goHome, ...setUpAndPost()]),
            ]),
    });
}
