export default (props) => <div {...props} key="b" />;
