package dev.gyre.conformance;

/** How an attention is cut into heads: {@code heads} of queries over {@code keyHeads} of keys and values. */
record Heads(int heads, int keyHeads, int size) {

    Heads(int heads, int size) {
        this(heads, heads, size);
    }

    int queryColumns() {
        return heads * size;
    }

    int keyColumns() {
        return keyHeads * size;
    }

    float scale() {
        return (float) (1 / Math.sqrt(size));
    }

    @Override
    public String toString() {
        return heads + (keyHeads == heads ? "" : "/" + keyHeads) + "×" + size;
    }
}
