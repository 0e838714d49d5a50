package dev.gyre.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A checkpoint together with the tensors that its model computes instead of storing. */
public final class ComputedCheckpoint implements Checkpoint {

    private final Checkpoint stored;
    private final Map<String, ComputedTensor> tables = new LinkedHashMap<>();
    private final Set<String> names;

    /** Takes the stored checkpoint over: closing this closes it. */
    public ComputedCheckpoint(Checkpoint stored, List<? extends ComputedTensor> tables) {
        this.stored = stored;
        Set<String> all = new LinkedHashSet<>(stored.names());
        for (ComputedTensor table : tables) {
            if (!all.add(table.name())) {
                throw new IllegalArgumentException(stored.origin() + " already has a tensor " + table.name());
            }
            this.tables.put(table.name(), table);
        }
        names = Collections.unmodifiableSet(all);
    }

    @Override
    public String origin() {
        return stored.origin();
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public int[] shape(String name) {
        ComputedTensor table = tables.get(name);
        if (table == null) {
            return stored.shape(name);
        }
        return table.columns() == 0 ? new int[] {table.rows()} : new int[] {table.rows(), table.columns()};
    }

    @Override
    public String storedType(String name) {
        return tables.containsKey(name) ? COMPUTED : stored.storedType(name);
    }

    @Override
    public boolean unscaled(String name) {
        return !tables.containsKey(name) && stored.unscaled(name);
    }

    @Override
    public String storedAs(String name) {
        return tables.containsKey(name) ? name : stored.storedAs(name);
    }

    @Override
    public void forget(String name) {
        if (!tables.containsKey(name)) {
            stored.forget(name);
        }
    }

    @Override
    public void read(String name, long firstElement, int count, float[] destination, int offset) {
        ComputedTensor table = tables.get(name);
        if (table == null) {
            stored.read(name, firstElement, count, destination, offset);
            return;
        }
        int columns = Math.max(table.columns(), 1);
        long elements = (long) table.rows() * columns;
        if (firstElement < 0 || count < 0 || firstElement > elements - count) {
            throw new IndexOutOfBoundsException(
                    "elements " + firstElement + " to " + (firstElement + count) + " of " + elements);
        }
        for (int i = 0; i < count; i++) {
            long at = firstElement + i;
            destination[offset + i] = table.value((int) (at / columns), (int) (at % columns));
        }
    }

    @Override
    public void close() {
        stored.close();
    }
}
