import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import { registry } from "@web/core/registry";
import { useRef, useState } from "@odoo/owl";

/**
 * Files to upload, by button or by dropping several of them on the field.
 *
 * A drop goes through the same file input as the button, so there is one way to upload.
 */
export class SettlementFilesField extends Many2ManyBinaryField {
    static template = "sp_connector.SettlementFilesField";

    setup() {
        super.setup();
        this.root = useRef("root");
        this.state = useState({ dragging: false });
    }

    onDragLeave(ev) {
        // Moving over a child of the zone leaves the zone only on paper.
        this.state.dragging = this.root.el.contains(ev.relatedTarget);
    }

    onDrop(ev) {
        this.state.dragging = false;
        const input = this.root.el.querySelector("input[type=file]");
        if (input && ev.dataTransfer.files.length) {
            input.files = ev.dataTransfer.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }
    }
}

export const settlementFilesField = {
    ...many2ManyBinaryField,
    component: SettlementFilesField,
};

registry.category("fields").add("sp_settlement_files", settlementFilesField);
