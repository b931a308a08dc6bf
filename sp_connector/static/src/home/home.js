import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { FileInput } from "@web/core/file_input/file_input";
import { Layout } from "@web/search/layout";
import { Sparkline } from "./sparkline";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { useFileUploader } from "@web/core/utils/files";
import { useService } from "@web/core/utils/hooks";

const IMPORT = "sp.settlement.import";
const SECONDS = 10;

/** The first page of the app: what needs a person, each connection, the first run. */
export class Home extends Component {
    static template = "sp_connector.Home";
    static components = { FileInput, Layout, Sparkline };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Home");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.upload = useFileUploader();
        this.state = useState({ home: null });
        this.layout = { controlPanel: {} };
        useDropzone(useRef("root"), (ev) => this.onDrop(ev));
        onWillStart(() => this.load());
        let timer;
        onMounted(() => {
            timer = setInterval(() => this.isBusy && !document.hidden && this.load(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(timer));
    }

    async load() {
        this.state.home = await this.orm.silent.call("sp.home", "get_home", []);
    }

    get cards() {
        return this.state.home.cards.filter((card) => card.count);
    }

    /** Something arrives by itself: files that are imported, reports that are fetched. */
    get isBusy() {
        const { cards, first_run } = this.state.home;
        return (
            first_run.is_waiting || cards.some((card) => card.key === "importing" && card.count)
        );
    }

    get steps() {
        const { done, current } = this.state.home.first_run;
        const titles = {
            source: _t("A file or a connection"),
            setup: _t("Accounts and taxes"),
            look: _t("Look at the first entry"),
            post: _t("Post it"),
        };
        return Object.entries(titles).map(([key, title]) => ({
            key,
            title,
            isDone: done[key],
            isCurrent: key === current,
        }));
    }

    payoutLabel(payouts) {
        return _t("%(currency)s: the last %(count)s payouts, usually %(usual)s, last %(last)s", {
            ...payouts,
            count: payouts.amounts.length,
        });
    }

    // -- what is opened

    run(action, options = {}) {
        return this.action.doAction(action, { onClose: () => this.load(), ...options });
    }

    /** The list of what a card, or a part of it, counts: the same domain. */
    async openCard(card, part) {
        const action = await this.action.loadAction(card.action);
        const name = part ? `${card.title}: ${part.title}` : card.title;
        const { domain } = part || card;
        return this.run({ ...action, name, display_name: name, domain, context: {} });
    }

    openConnections() {
        return this.run("sp_connector.sp_connection_action");
    }

    openForm(model, resId) {
        return this.run({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    connect() {
        return this.run("sp_connector.sp_connect_action");
    }

    setUp() {
        return this.run("sp_connector.sp_setup_action");
    }

    async press(connection) {
        const action = await this.orm.call("sp.connection", connection.button.method, [
            [connection.id],
        ]);
        return this.run(action);
    }

    // -- files

    async onDrop(ev) {
        const files = [...ev.dataTransfer.files];
        if (files.length) {
            const params = { csrf_token: odoo.csrf_token, ufile: files, model: IMPORT, id: 0 };
            this.onUploaded(await this.upload("/web/binary/upload_attachment", params));
        }
    }

    /** Look inside at once: what is in the files is shown, and nothing is stored yet. */
    async onUploaded(files) {
        if (!files) {
            return; // too large; said already
        }
        const ids = files.map((file) => file.id);
        const context = { dialog_size: "large" };
        const [wizard] = await this.orm.create(IMPORT, [{ attachment_ids: [[6, 0, ids]] }]);
        this.run(await this.orm.call(IMPORT, "action_check", [[wizard]], { context }));
    }
}

registry.category("actions").add("sp_home", Home);
