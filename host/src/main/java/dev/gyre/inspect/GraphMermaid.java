package dev.gyre.inspect;

import dev.gyre.graph.Graph;

/** A graph for Mermaid; operations whose values are read back have a double border. */
final class GraphMermaid {

    private GraphMermaid() {}

    static String render(Graph graph) {
        GraphEdges drawing = GraphEdges.of(graph);
        StringBuilder mermaid = new StringBuilder("flowchart TD\n");
        drawing.nodes().forEach((id, node) -> {
            String label = '"' + GraphEdges.label(node, GraphMermaid::escape, "<br/>") + '"';
            mermaid.append("  ")
                    .append(id)
                    .append(
                            switch (node.kind()) {
                                case INPUT -> "([" + label + "])";
                                case STATE -> "[(" + label + ")]";
                                case OPERATION -> node.output() ? "[[" + label + "]]" : "[" + label + "]";
                            })
                    .append('\n');
        });
        drawing.edges().forEach(edge -> {
            mermaid.append("  ").append(edge.from()).append(" -->");
            if (!edge.label().isEmpty()) {
                mermaid.append("|\"").append(escape(edge.label())).append("\"|");
            }
            mermaid.append(' ').append(edge.to()).append('\n');
        });
        return mermaid.toString();
    }

    /** Mermaid writes characters that mean something to it as entities. */
    private static String escape(String text) {
        return text.replace("#", "#35;")
                .replace("\"", "#quot;")
                .replace("<", "#lt;")
                .replace(">", "#gt;");
    }
}
