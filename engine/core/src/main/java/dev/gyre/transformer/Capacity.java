package dev.gyre.transformer;

/**
 * How much a compiled model can do at once; buffers are planned with these numbers.
 *
 * @param tokens source tokens that one encoder run takes
 * @param sequences sources that one encoder run takes
 * @param memoryRows rows of encoder output, over all sources being decoded
 * @param slots hypotheses being decoded
 * @param positions target positions of a slot
 * @param rows target tokens that one decoder run takes (more than slots where prefixes are read)
 * @param picks rows of a decoder run whose logits are computed
 * @param edits changes to single logits in one run
 * @param top candidates per row
 */
public record Capacity(
        int tokens, int sequences, int memoryRows, int slots, int positions, int rows, int picks, int edits, int top) {

    public Capacity {
        if (rows < slots || picks < slots) {
            throw new IllegalArgumentException(
                    "a decoder run must take every slot: rows " + rows + ", picks " + picks + ", slots " + slots);
        }
    }

    /** Lines of ancestry: every slot has one to read and one to write. */
    public int lines() {
        return Math.multiplyExact(2, slots);
    }
}
