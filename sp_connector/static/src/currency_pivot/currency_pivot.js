import { registry } from "@web/core/registry";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";

/**
 * A pivot that leaves a cell empty where several currencies meet, on screen and in its export.
 *
 * Odoo's own adds them up at today's rates, which is a number of no ledger.
 */
export class CurrencyPivotModel extends PivotModel {
    _getCellValue(groupId, measure, config) {
        const currencies = this._getCellCurrency(groupId, measure, config);
        if (currencies?.length > 1) {
            return undefined;
        }
        return super._getCellValue(groupId, measure, config);
    }
}

registry.category("views").add("sp_currency_pivot", { ...pivotView, Model: CurrencyPivotModel });
