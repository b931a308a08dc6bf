import { Component } from "@odoo/owl";

const WIDTH = 120;
const HEIGHT = 28;

/** The last payouts as a line, with zero as its floor or, for debts, within it. */
export class Sparkline extends Component {
    static template = "sp_connector.Sparkline";
    static props = { amounts: Array, label: String };

    get box() {
        return `-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`;
    }

    get points() {
        const { amounts } = this.props;
        const low = Math.min(0, ...amounts);
        const span = Math.max(0, ...amounts) - low || 1;
        const step = WIDTH / Math.max(amounts.length - 1, 1);
        return amounts.map((amount, place) => ({
            x: amounts.length > 1 ? place * step : WIDTH,
            y: HEIGHT * (1 - (amount - low) / span),
        }));
    }

    get line() {
        return this.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    }

    get last() {
        return this.points.at(-1);
    }
}
