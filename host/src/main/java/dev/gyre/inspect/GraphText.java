package dev.gyre.inspect;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;

/** A graph as lines: number, kind, what is written, what is read, remarks. */
final class GraphText {

    private GraphText() {}

    static String render(Graph graph) {
        StringBuilder text = new StringBuilder();
        text.append("graph ").append(graph.name()).append('\n');
        graph.inputs()
                .forEach(i ->
                        text.append("  input  ").append(OperationText.tensor(i)).append('\n'));
        graph.states()
                .forEach(s ->
                        text.append("  state  ").append(OperationText.tensor(s)).append('\n'));
        int number = 0;
        for (Operation operation : graph.operations()) {
            List<String> reads = names(operation.reads());
            text.append("%5d  %-15s ".formatted(number++, operation.kind()))
                    .append(String.join(
                            ", ",
                            operation.writes().stream()
                                    .map(OperationText::tensor)
                                    .toList()))
                    .append(" <- ")
                    .append(String.join(", ", reads));
            List<String> remarks = OperationText.remarks(operation);
            if (!remarks.isEmpty()) {
                text.append("  (").append(String.join(", ", remarks)).append(')');
            }
            text.append('\n');
        }
        graph.outputs()
                .forEach(o ->
                        text.append("  output ").append(OperationText.tensor(o)).append('\n'));
        return text.toString();
    }

    /** Weights are in the remarks. */
    private static List<String> names(List<Tensor> reads) {
        List<String> names = new ArrayList<>();
        for (Tensor t : reads) {
            if (!(t instanceof Weight) && !names.contains(t.name())) {
                names.add(t.name());
            }
        }
        return names;
    }
}
