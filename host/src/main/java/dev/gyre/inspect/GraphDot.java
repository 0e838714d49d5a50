package dev.gyre.inspect;

import dev.gyre.graph.Graph;

/** A graph for Graphviz; operations whose values are read back have a double border. */
final class GraphDot {

    private GraphDot() {}

    static String render(Graph graph) {
        GraphEdges drawing = GraphEdges.of(graph);
        StringBuilder dot = new StringBuilder();
        dot.append("digraph \"").append(escape(graph.name())).append("\" {\n");
        dot.append("  node [shape=box, fontname=\"Helvetica\", fontsize=10];\n");
        dot.append("  edge [fontname=\"Helvetica\", fontsize=8];\n");
        drawing.nodes().forEach((id, node) -> {
            String style = switch (node.kind()) {
                case INPUT -> ", shape=ellipse";
                case STATE -> ", shape=cylinder";
                case OPERATION -> node.output() ? ", peripheries=2" : "";
            };
            dot.append("  ").append(id).append(" [label=\"");
            dot.append(GraphEdges.label(node, GraphDot::escape, "\\n"));
            dot.append('"').append(style).append("];\n");
        });
        drawing.edges().forEach(edge -> {
            dot.append("  ").append(edge.from()).append(" -> ").append(edge.to());
            if (!edge.label().isEmpty()) {
                dot.append(" [label=\"").append(escape(edge.label())).append("\"]");
            }
            dot.append(";\n");
        });
        return dot.append("}\n").toString();
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
