pub struct Update;
