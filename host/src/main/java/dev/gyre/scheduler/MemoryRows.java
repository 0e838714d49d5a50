package dev.gyre.scheduler;

import java.util.Map;
import java.util.TreeMap;

/** Which rows of the memory states are free. Ranges are taken at the first place that is large enough. */
final class MemoryRows {

    /** First row → number of rows, of the free ranges; neighbours are joined. */
    private final TreeMap<Integer, Integer> free = new TreeMap<>();

    private int freeRows;

    MemoryRows(int rows) {
        free.put(0, rows);
        freeRows = rows;
    }

    int freeRows() {
        return freeRows;
    }

    /** Takes neighbouring rows; the first of them, or -1 if there is no such place. */
    int take(int rows) {
        for (Map.Entry<Integer, Integer> range : free.entrySet()) {
            int first = range.getKey();
            int length = range.getValue();
            if (length >= rows) {
                free.remove(first);
                if (length > rows) {
                    free.put(first + rows, length - rows);
                }
                freeRows -= rows;
                return first;
            }
        }
        return -1;
    }

    /** Gives back what was taken. */
    void release(int first, int rows) {
        freeRows += rows;
        Map.Entry<Integer, Integer> before = free.lowerEntry(first);
        if (before != null && before.getKey() + before.getValue() == first) {
            first = before.getKey();
            rows += before.getValue();
        }
        Integer after = free.remove(first + rows);
        free.put(first, after == null ? rows : rows + after);
    }
}
