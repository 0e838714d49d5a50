package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.List;

/** How the products of a graph are launched, and the room that they share. */
sealed interface Products permits Int8Launch, LinearLaunch, MmaLaunch, TileLaunch {

    static Products of(Graph graph, Tuning tuning, Residents.Buffers buffers) {
        Packing packing = tuning.packing();
        if (packing.int8()) {
            return Int8Launch.of(graph, packing, buffers);
        }
        if (tuning.units().floats().tensorCores()) {
            return new MmaLaunch();
        }
        return packing.tiles() ? TileLaunch.of(graph, packing, buffers) : new LinearLaunch();
    }

    /** Bytes of the room. */
    static long bytes(Graph graph, Tuning tuning) {
        Packing packing = tuning.packing();
        if (packing.int8()) {
            return Int8Launch.bytes(graph, packing);
        }
        return packing.tiles() && !tuning.units().floats().tensorCores() ? TileLaunch.bytes(graph, packing) : 0;
    }

    /** In the order in which they run. */
    List<Launch> launches(Operation.Linear op, Kernels kernels, Places places);

    /** Frees the room. */
    void close();
}
