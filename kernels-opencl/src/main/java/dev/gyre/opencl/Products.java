package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.List;

/** How the products of a graph are launched, and the room that they share. */
sealed interface Products permits Int8Launch, LinearLaunch, TileLaunch {

    static Products of(Graph graph, Packing packing, Residents.Buffers buffers) {
        if (packing.int8()) {
            return Int8Launch.of(graph, packing, buffers);
        }
        return packing.tiles() ? TileLaunch.of(graph, packing, buffers) : new LinearLaunch();
    }

    /** Bytes of the room. */
    static long bytes(Graph graph, Packing packing) {
        if (packing.int8()) {
            return Int8Launch.bytes(graph, packing);
        }
        return packing.tiles() ? TileLaunch.bytes(graph, packing) : 0;
    }

    /** In the order in which they run. */
    List<Launch> launches(Operation.Linear op, Kernels kernels, Places places);

    /** Frees the room. */
    void close();
}
