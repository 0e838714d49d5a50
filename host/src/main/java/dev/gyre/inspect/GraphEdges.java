package dev.gyre.inspect;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A graph as a drawing sees it: nodes {@code o0, o1, ...} for operations, {@code i0, ...} for inputs and
 * {@code s0, ...} for states, and an edge wherever one of them gives another a tensor.
 */
record GraphEdges(Map<String, Node> nodes, Set<Edge> edges) {

    enum Kind {
        OPERATION,
        INPUT,
        STATE
    }

    /** @param lines what the node says, the first line its title */
    record Node(Kind kind, List<String> lines, boolean output) {}

    record Edge(String from, String to, String label) {}

    static GraphEdges of(Graph graph) {
        Map<String, Node> nodes = new LinkedHashMap<>();
        Map<Tensor, String> source = new LinkedHashMap<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            Tensor input = graph.inputs().get(i);
            nodes.put("i" + i, new Node(Kind.INPUT, List.of(OperationText.tensor(input)), false));
            source.put(input, "i" + i);
        }
        Map<Tensor, String> states = new LinkedHashMap<>();
        for (int i = 0; i < graph.states().size(); i++) {
            Tensor state = graph.states().get(i);
            nodes.put("s" + i, new Node(Kind.STATE, List.of(OperationText.tensor(state)), false));
            states.put(state, "s" + i);
        }
        Set<Edge> edges = new LinkedHashSet<>();
        for (int i = 0; i < graph.operations().size(); i++) {
            Operation operation = graph.operations().get(i);
            String id = "o" + i;
            List<String> lines = new ArrayList<>();
            lines.add(operation.kind());
            lines.addAll(OperationText.remarks(operation));
            nodes.put(
                    id,
                    new Node(Kind.OPERATION, lines, operation.writes().stream().anyMatch(graph.outputs()::contains)));
            for (Tensor read : operation.reads()) {
                if (read instanceof Weight) {
                    continue;
                }
                String from = states.getOrDefault(read, source.get(read));
                if (from != null) {
                    edges.add(new Edge(
                            from,
                            id,
                            read instanceof Tensor.Value ? read.shape().toString() : ""));
                }
            }
            for (Tensor written : operation.writes()) {
                if (states.containsKey(written)) {
                    edges.add(new Edge(id, states.get(written), ""));
                } else {
                    source.put(written, id);
                }
            }
        }
        return new GraphEdges(nodes, edges);
    }

    /** A label with its lines escaped and joined. */
    static String label(Node node, Function<String, String> escape, String separator) {
        return String.join(separator, node.lines().stream().map(escape).toList());
    }
}
