package dev.gyre.scheduler;

import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Search;
import dev.gyre.decoding.SearchSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request on its way through a device: what it holds there, and how far its hypotheses are. */
final class Sentence {

    /** What the encoder reads; nothing in a decoder-only model, whose prompt the search has. */
    final int[] source;

    final SearchSettings settings;
    final Search search;
    final CompletableFuture<List<Hypothesis>> future = new CompletableFuture<>();

    /** First of its rows of memory, -1 before it is encoded or where there is no encoder. */
    int memoryFirst = -1;

    /** Its slots; row r of the last run was in {@code slots[r]}. */
    int[] slots = new int[0];

    /** Rows of its last run. */
    int ranRows;

    /** Positions of every row that are in the cache. */
    int cached;

    /** Whether the present run takes all that is not in the cache, so that its next tokens are selected. */
    boolean complete;

    /** Whether it needs nothing of the device any more: its results, or a failure, are on their way. */
    boolean over;

    /** First of its rows among the picks of the present run. */
    int firstPick;

    private final @Nullable TokenListener listener;
    private int told;

    Sentence(int[] source, SearchSettings settings, Search search, @Nullable TokenListener listener) {
        this.source = source;
        this.settings = settings;
        this.search = search;
        this.listener = listener;
        this.told = settings.prompt().length;
    }

    /** Tells the listener what it has not heard of yet. */
    void tell() {
        if (listener == null) {
            return;
        }
        int[] sequence = search.finished() ? search.results().getFirst().sequence() : search.sequence(0);
        for (; told < search.length() && told < sequence.length; told++) {
            listener.token(sequence[told]);
        }
    }

    /** Rows that its next run has, were there no limit. */
    int newRows() {
        return search.rows() * (search.length() - cached);
    }
}
